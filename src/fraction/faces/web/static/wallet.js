// Signing in with a browser wallet: wallets announce themselves (EIP-6963), one is chosen, it signs a message that
// the platform wrote (EIP-4361, EIP-191), and the platform answers with a cookie that scripts cannot read.
"use strict";

const list = document.getElementById("wallets");
const says = document.getElementById("wallet-says");
const known = new Set();

const REFUSALS = {
  4001: "You declined in the wallet. Nothing was sent.",
  4100: "The wallet has not unlocked an account for this site; unlock one and try again.",
  "-32002": "The wallet already waits for your answer; open it.",
};

async function post(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(body) });
  const document_ = await answer.json();
  if (!answer.ok) throw new Error(document_.detail);
  return document_;
}

function hex(text) {
  return "0x" + Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function signIn(provider, button) {
  button.disabled = true;
  says.textContent = "The wallet asks for an account …";
  try {
    const [address] = await provider.request({ method: "eth_requestAccounts" });
    const { message } = await post("/sign-in/message", { address });
    says.textContent = "The wallet shows a message to sign. It costs nothing.";
    const signature = await provider.request({ method: "personal_sign", params: [hex(message), address] });
    const { next } = await post("/sign-in", { message, signature });
    location.assign(next);
  } catch (error) {
    says.textContent = REFUSALS[error.code] || error.message || "The wallet did not answer; try again.";
    button.disabled = false;
  }
}

addEventListener("eip6963:announceProvider", ({ detail: { info, provider } }) => {
  if (known.has(info.uuid)) return;
  known.add(info.uuid);
  document.getElementById("no-wallet")?.remove();
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = `Sign in with ${info.name}`;
  button.addEventListener("click", () => signIn(provider, button));
  list.append(button);
});
dispatchEvent(new Event("eip6963:requestProvider"));
