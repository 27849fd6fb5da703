#!/usr/bin/env node
// npm's solc (WebAssembly) in the manners of the native program, for forge: it answers --version and --standard-json.
const fs = require("fs");
const path = require("path");

const solc = require(path.join(__dirname, "../../node_modules/solc"));
const options = process.argv.slice(2);

if (options.includes("--version")) {
  const version = solc.version().replace(/Emscripten\.clang/, "Linux.g++");
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
} else if (options.includes("--standard-json")) {
  const at = options.indexOf("--base-path");
  const base = at < 0 ? process.cwd() : options[at + 1];
  const read = (name) => {
    for (const file of [path.resolve(base, name), name]) {
      if (fs.existsSync(file)) return { contents: fs.readFileSync(file, "utf8") };
    }
    return { error: `File not found: ${name}` };
  };
  process.stdout.write(solc.compile(fs.readFileSync(0, "utf8"), { import: read }));
} else {
  process.stderr.write(`Only --version and --standard-json are understood, not: ${options.join(" ")}\n`);
  process.exit(1);
}
