package dev.muster.spring;

import dev.muster.queue.ControlCommand;
import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import java.lang.reflect.Method;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;

/// Finds the beans that have tasks or commands among their methods. None is made for that: each is
/// asked for when one of them is run, so that it may itself want the client.
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
                if (isWanted(own)) {
                    register(own, name, beans, muster);
                }
            }
        }
    }

    private static boolean isWanted(Class<?> type) {
        return !MethodIntrospector.selectMethods(
                        type,
                        (MethodIntrospector.MetadataLookup<Boolean>)
                                method -> isWanted(method) ? true : null)
                .isEmpty();
    }

    private static boolean isWanted(Method method) {
        return AnnotatedElementUtils.isAnnotated(method, Task.class)
                || AnnotatedElementUtils.isAnnotated(method, ControlCommand.class);
    }

    private static <T> void register(
            Class<T> type,
            String name,
            ConfigurableListableBeanFactory beans,
            Muster.Builder muster) {
        muster.register(type, () -> beans.getBean(name, type));
    }
}
