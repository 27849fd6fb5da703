// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What governance may set for Sessions that are opened from now on
/// @notice The Session escrow asks when a Session opens and keeps the answers with it: no vote changes a Session that
/// is under way, and nothing here can reach money. Whoever implements it bounds what can be set in code.
interface IParameters {
    /// @notice Part of every pot that the protocol keeps, in hundredths of a percent, at most `MAX_PROTOCOL_FEE_BPS`.
    function protocolFeeBps() external view returns (uint256);

    /// @notice The hard cap of `protocolFeeBps`: a constant of the code.
    function MAX_PROTOCOL_FEE_BPS() external view returns (uint256);

    /// @notice What an opener pays in for each Session, in hundredths of a percent of the most that its entrants may pay;
    /// it is lost if there is no result. 0 switches it off.
    function openerBondBps() external view returns (uint256);

    /// @notice How long a result can be contested, in seconds; 0 switches appeals off.
    function appealSeconds() external view returns (uint256);

    /// @notice Whether a Space version that is new to the escrow may pay by this curve.
    /// @param curve keccak256(abi.encode(payoutBps)) of the `uint16[]` of shares by place
    function isCurveAllowed(bytes32 curve) external view returns (bool);

    /// @notice Whether fees may be paid in `asset`; `address(0)` is ETH.
    function isAssetAllowed(address asset) external view returns (bool);

    /// @notice Whether no new Session may be opened. Those that are open go on, and everything can be fetched.
    function isPaused() external view returns (bool);
}
