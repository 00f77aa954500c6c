package dev.muster.spring;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;

/// Finds the beans that have tasks among their methods. None is made for that: each is asked for
/// when one of its tasks is run, so that it may itself want the client.
final class TaskBeans {
    private TaskBeans() {}

    static void register(ConfigurableListableBeanFactory beans, Muster.Builder muster) {
        for (var name : beans.getBeanDefinitionNames()) {
            if (ScopedProxyUtils.isScopedTarget(name)) {
                continue;
            }
            var type = beans.getType(name, false);
            if (type != null) {
                var own = ClassUtils.getUserClass(type);
                if (hasTasks(own)) {
                    register(own, name, beans, muster);
                }
            }
        }
    }

    private static boolean hasTasks(Class<?> type) {
        return !MethodIntrospector.selectMethods(
                        type,
                        (MethodIntrospector.MetadataLookup<Boolean>)
                                method ->
                                        AnnotatedElementUtils.isAnnotated(method, Task.class)
                                                ? true
                                                : null)
                .isEmpty();
    }

    private static <T> void register(
            Class<T> type,
            String name,
            ConfigurableListableBeanFactory beans,
            Muster.Builder muster) {
        muster.register(type, () -> beans.getBean(name, type));
    }
}
