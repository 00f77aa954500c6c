/// Muster in an application of Spring Boot: beans with tasks, a client, a worker that lives as long
/// as the application.
///
/// It configures itself ([dev.muster.spring.MusterAutoConfiguration]). Give
/// [dev.muster.spring.MusterCustomizer] and [dev.muster.spring.WorkerCustomizer] beans for what
/// properties cannot say.
@NullMarked
package dev.muster.spring;

import org.jspecify.annotations.NullMarked;
