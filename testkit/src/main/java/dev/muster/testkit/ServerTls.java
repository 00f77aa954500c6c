package dev.muster.testkit;

import java.nio.file.Path;

/// How a server speaks TLS. It asks clients for a certificate.
///
/// @param own the server's
/// @param authority the certificate of who vouches for clients, in PEM
public record ServerTls(TestCertificate own, Path authority) {}
