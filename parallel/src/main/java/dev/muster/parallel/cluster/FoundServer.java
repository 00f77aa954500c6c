package dev.muster.parallel.cluster;

/// A server that has answered.
///
/// @param id the same in the life of the server, and no other's
/// @param address `HOST:PORT`
/// @param slots how many calls it runs at once
public record FoundServer(String id, String address, int slots) {}
