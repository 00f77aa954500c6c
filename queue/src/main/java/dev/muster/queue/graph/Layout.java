package dev.muster.queue.graph;

import dev.muster.queue.graph.WorkflowGraph.Edge;
import dev.muster.queue.graph.WorkflowGraph.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/// Where everything stands in the picture of a graph. Immutable once made.
///
/// The method is that of Sugiyama, Tagawa and Toda (1981), in its simplest form. Nodes are put into
/// layers, from left to right, each behind all that lead to it; an edge that passes a layer gets a
/// place there, too. Then the order within the layers is improved: again and again each is sorted
/// by the mean position of its neighbours in the layer before, or behind. At last each wants to be
/// at the mean height of its neighbours; the heights nearest to these wishes that keep order and
/// distance are found by pooling those that stand in each other's way (isotonic regression).
///
/// An edge that would close a circle, which only records of results that contradict each other can
/// have, is not drawn.
final class Layout {
    private static final double MARGIN = 16;
    private static final double LAYER_GAP = 56;
    private static final double NODE_GAP = 14;
    private static final int ROUNDS = 8;

    private final Map<String, Vertex> vertices = new LinkedHashMap<>();
    private final Map<Edge, List<Vertex>> routes = new HashMap<>();
    private final List<List<Vertex>> layers = new ArrayList<>();
    private double width;
    private double height;

    record Size(double width, double height) {}

    record Point(double x, double y) {}

    record Box(double x, double y, double width, double height) {}

    private Layout() {}

    static Layout of(WorkflowGraph graph, Function<Node, Size> size) {
        var layout = new Layout();
        for (var node : graph.nodes()) {
            layout.vertices.put(node.id(), new Vertex(node, size.apply(node)));
        }
        var edges = layout.withoutCircles(graph.edges());
        layout.assignLayers(edges);
        layout.routeEdges(edges);
        layout.order();
        layout.place();
        return layout;
    }

    double width() {
        return width;
    }

    double height() {
        return height;
    }

    Box box(String id) {
        var vertex = vertex(id);
        return new Box(
                vertex.left(),
                vertex.y - vertex.height / 2,
                vertex.right() - vertex.left(),
                vertex.height);
    }

    /// The points at which the edge leaves and reaches layers, in turn; empty when it is not drawn.
    List<Point> route(Edge edge) {
        var points = new ArrayList<Point>();
        var route = routes.getOrDefault(edge, List.of());
        for (var vertex : route) {
            if (vertex != route.getFirst()) {
                points.add(new Point(vertex.left(), vertex.y));
            }
            if (vertex != route.getLast()) {
                points.add(new Point(vertex.right(), vertex.y));
            }
        }
        return points;
    }

    private Vertex vertex(String id) {
        var vertex = vertices.get(id);
        if (vertex == null) {
            throw new IllegalArgumentException("no node " + id);
        }
        return vertex;
    }

    /// A node, or the place in a layer that an edge passes.
    private static final class Vertex {
        /// Tasks are as wide as their layer, which looks tidy, and an edge that passes goes through
        /// it; a joint stays small, in the middle.
        final boolean isWide;

        final double ownWidth;
        final double height;
        final List<Vertex> before = new ArrayList<>();
        final List<Vertex> behind = new ArrayList<>();
        int layer;
        double position;
        double y;
        double layerLeft;
        double layerWidth;

        Vertex(Node node, Size size) {
            this.isWide = !(node instanceof WorkflowGraph.Joint);
            this.ownWidth = size.width;
            this.height = size.height;
        }

        Vertex(int layer) {
            this.isWide = true;
            this.ownWidth = 0;
            this.height = 0;
            this.layer = layer;
        }

        double left() {
            return isWide ? layerLeft : layerLeft + (layerWidth - ownWidth) / 2;
        }

        double right() {
            return left() + (isWide ? layerWidth : ownWidth);
        }
    }

    /// The edges that close no circle, each pair of nodes once. Found by a search in depth, on a
    /// stack of its own, as chains may be long.
    private List<Edge> withoutCircles(List<Edge> edges) {
        var from = new LinkedHashMap<String, List<Edge>>();
        edges.forEach(edge -> from.computeIfAbsent(edge.from(), _ -> new ArrayList<>()).add(edge));
        var kept = new ArrayList<Edge>();
        var entered = new HashSet<String>();
        var open = new HashSet<String>();
        for (var start : vertices.keySet()) {
            var path = new ArrayDeque<Visit>();
            if (entered.add(start)) {
                path.push(new Visit(start, from.getOrDefault(start, List.of())));
                open.add(start);
            }
            while (!path.isEmpty()) {
                var visit = path.peek();
                if (visit.next == visit.edges.size()) {
                    open.remove(path.pop().id);
                    continue;
                }
                var edge = visit.edges.get(visit.next++);
                if (open.contains(edge.to())) {
                    continue;
                }
                kept.add(edge);
                if (entered.add(edge.to())) {
                    open.add(edge.to());
                    path.push(new Visit(edge.to(), from.getOrDefault(edge.to(), List.of())));
                }
            }
        }
        return kept;
    }

    private static final class Visit {
        final String id;
        final List<Edge> edges;
        int next;

        Visit(String id, List<Edge> edges) {
            this.id = id;
            this.edges = edges;
        }
    }

    /// Each is one layer behind the last of those that lead to it.
    private void assignLayers(List<Edge> edges) {
        var from = new HashMap<String, List<Edge>>();
        var missing = new HashMap<String, Integer>();
        for (var edge : edges) {
            from.computeIfAbsent(edge.from(), _ -> new ArrayList<>()).add(edge);
            missing.merge(edge.to(), 1, Integer::sum);
        }
        var ready = new ArrayDeque<String>();
        vertices.keySet().stream().filter(id -> !missing.containsKey(id)).forEach(ready::add);
        while (!ready.isEmpty()) {
            var id = ready.remove();
            for (var edge : from.getOrDefault(id, List.of())) {
                var target = vertex(edge.to());
                target.layer = Math.max(target.layer, vertex(id).layer + 1);
                if (missing.merge(edge.to(), -1, Integer::sum) == 0) {
                    ready.add(edge.to());
                }
            }
        }
        vertices.values().forEach(vertex -> layer(vertex.layer).add(vertex));
    }

    private List<Vertex> layer(int index) {
        while (layers.size() <= index) {
            layers.add(new ArrayList<>());
        }
        return layers.get(index);
    }

    private void routeEdges(List<Edge> edges) {
        for (var edge : edges) {
            var route = new ArrayList<Vertex>();
            route.add(vertex(edge.from()));
            for (var layer = vertex(edge.from()).layer + 1;
                    layer < vertex(edge.to()).layer;
                    layer++) {
                var passing = new Vertex(layer);
                layer(layer).add(passing);
                route.add(passing);
            }
            route.add(vertex(edge.to()));
            for (var index = 1; index < route.size(); index++) {
                route.get(index - 1).behind.add(route.get(index));
                route.get(index).before.add(route.get(index - 1));
            }
            routes.put(edge, route);
        }
    }

    private void order() {
        layers.forEach(Layout::number);
        for (var round = 0; round < ROUNDS; round++) {
            for (var layer : layers) {
                sort(layer, vertex -> vertex.before);
            }
            for (var layer : layers.reversed()) {
                sort(layer, vertex -> vertex.behind);
            }
        }
        // The last word is that of what comes before, as that is what is read first.
        for (var layer : layers) {
            sort(layer, vertex -> vertex.before);
        }
    }

    private static void number(List<Vertex> layer) {
        for (var index = 0; index < layer.size(); index++) {
            layer.get(index).position = index;
        }
    }

    private static void sort(List<Vertex> layer, Function<Vertex, List<Vertex>> neighbours) {
        var wish = new HashMap<Vertex, Double>();
        for (var vertex : layer) {
            wish.put(
                    vertex,
                    neighbours.apply(vertex).stream()
                            .mapToDouble(neighbour -> neighbour.position)
                            .average()
                            .orElse(vertex.position));
        }
        layer.sort(Comparator.comparing(wish::get));
        number(layer);
    }

    private void place() {
        var left = MARGIN;
        for (var layer : layers) {
            var widest = layer.stream().mapToDouble(vertex -> vertex.ownWidth).max().orElse(0);
            for (var vertex : layer) {
                vertex.layerLeft = left;
                vertex.layerWidth = widest;
            }
            left += widest + LAYER_GAP;
        }
        for (var round = 0; round < ROUNDS; round++) {
            for (var layer : layers) {
                settle(layer, vertex -> vertex.before);
            }
            for (var layer : layers.reversed()) {
                settle(layer, vertex -> vertex.behind);
            }
        }
        var all = layers.stream().flatMap(List::stream).toList();
        var top = all.stream().mapToDouble(vertex -> vertex.y - vertex.height / 2).min().orElse(0);
        all.forEach(vertex -> vertex.y += MARGIN - top);
        width = Math.max(left - LAYER_GAP, MARGIN) + MARGIN;
        height =
                all.stream().mapToDouble(vertex -> vertex.y + vertex.height / 2).max().orElse(0)
                        + MARGIN;
    }

    /// Gives the vertices of a layer the heights nearest to the means of their neighbours.
    private static void settle(List<Vertex> layer, Function<Vertex, List<Vertex>> neighbours) {
        var pools = new ArrayDeque<Pool>();
        var offset = 0.0;
        for (var index = 0; index < layer.size(); index++) {
            var vertex = layer.get(index);
            if (index > 0) {
                offset += (layer.get(index - 1).height + vertex.height) / 2 + NODE_GAP;
            }
            var wish =
                    Stream.concat(neighbours.apply(vertex).stream(), Stream.of(vertex))
                            .limit(Math.max(1, neighbours.apply(vertex).size()))
                            .mapToDouble(neighbour -> neighbour.y)
                            .average()
                            .orElse(vertex.y);
            var pool = new Pool(List.of(new Place(vertex, offset)), wish - offset);
            while (!pools.isEmpty() && pools.peekLast().mean >= pool.mean) {
                pool = pools.removeLast().with(pool);
            }
            pools.addLast(pool);
        }
        for (var pool : pools) {
            pool.places.forEach(place -> place.vertex.y = pool.mean + place.offset);
        }
    }

    /// @param offset how far below the first of its layer it would be if nothing were between them
    private record Place(Vertex vertex, double offset) {}

    /// Neighbours in a layer that stand as close as they may.
    private record Pool(List<Place> places, double mean) {
        Pool with(Pool next) {
            var all = new ArrayList<Place>(places);
            all.addAll(next.places);
            var sum = mean * places.size() + next.mean * next.places.size();
            return new Pool(all, sum / all.size());
        }
    }
}
