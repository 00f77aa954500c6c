/// A shop with Spring Boot: orders are stored and confirmed by a task, in one transaction.
@NullMarked
package dev.muster.examples.spring;

import org.jspecify.annotations.NullMarked;
