import static dev.muster.queue.Canvas.call;

import dev.muster.queue.Muster;
import dev.muster.queue.Result;
import dev.muster.queue.Step;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.TaskFailedException;
import dev.muster.queue.Workflow;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Handles orders: each is checked, its goods are reserved side by side, the card is charged, a parcel is sent. The bank
/// does not answer at first, so that step is tried again. A card that is refused ends the order, and an error callback
/// apologises.
///
///     ./muster run examples/Orders.java
///     ./muster graph -A examples/Orders.java pipeline -o orders.svg
public class Orders {
    record Order(int id, String customer, List<String> goods) {}

    record Payment(int orderId, int euros, int attempts) {}

    private static final List<Order> ORDERS = List.of(
            new Order(1, "Ada", List.of("pen", "ink", "paper")),
            new Order(2, "Mallory", List.of("crowbar", "ladder")),
            new Order(3, "Charles", List.of("gear", "crank")));

    @Task
    static Order check(Order order) {
        if (order.goods().isEmpty()) {
            throw new IllegalArgumentException("order %d is empty".formatted(order.id()));
        }
        return order;
    }

    /// @return the price in euros
    @Task
    static int reserve(Order order, String good) {
        return 10 * good.length();
    }

    @Task(retryFor = IOException.class, retryDelay = "0.2")
    static Payment charge(TaskContext task, List<Integer> prices, Order order) throws IOException {
        if (order.customer().equals("Mallory")) {
            throw new IllegalStateException("the card of %s was refused".formatted(order.customer()));
        }
        if (task.retries() < 2) {
            throw new IOException("the bank does not answer");
        }
        return new Payment(order.id(), prices.stream().mapToInt(price -> price).sum(), task.retries() + 1);
    }

    @Task
    static String ship(Payment payment) {
        return "paid %d € at attempt %d, parcel %d is on its way"
                .formatted(payment.euros(), payment.attempts(), 1000 + payment.orderId());
    }

    @Task
    static String apologise(String failedTask, Order order) {
        return "Dear %s, we are sorry about order %d.".formatted(order.customer(), order.id());
    }

    static Workflow<String> pipeline(Order order) {
        return call(Orders::check, order)
                .then(Step.each(order.goods().stream().map(good -> Step.of(Orders::reserve, good)).toList()))
                .then(Orders::charge, order)
                .then(Orders::ship)
                .onError(call("Orders.apologise", order).id(apologyId(order)));
    }

    /// For `muster graph`.
    static Workflow<String> pipeline() {
        return pipeline(ORDERS.getFirst());
    }

    /// The letter is no part of the order's result, so its id is what it is found by.
    private static String apologyId(Order order) {
        return "apology-%d-%d".formatted(ProcessHandle.current().pid(), order.id());
    }

    public static void main(String[] args) {
        try (var muster = Muster.connect()) {
            var results = new ArrayList<Result<String>>();
            for (var order : ORDERS) {
                results.add(muster.send(pipeline(order)));
            }
            for (var order : ORDERS) {
                IO.println("%s: %s".formatted(order.customer(), outcome(muster, order, results.get(order.id() - 1))));
            }
        }
    }

    private static String outcome(Muster muster, Order order, Result<String> result) {
        try {
            return result.get(Duration.ofSeconds(60));
        } catch (TaskFailedException e) {
            var letter = muster.result(apologyId(order), String.class).get(Duration.ofSeconds(60));
            return "%s; \"%s\"".formatted(e.remoteArguments().getFirst(), letter);
        }
    }
}
