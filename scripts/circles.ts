/** Circles: the shortest way back, for each group of nodes that reach each other. */

/**
 * Find the circles of a directed graph.
 *
 * @param graph  each node with the nodes it points at; all of them keys of the graph
 * @returns one circle per group, as a path whose last node points at its first
 */
export function circlesAmong(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const told = new Set<string>();
  for (const node of graph.keys()) {
    if (told.has(node)) continue;
    const circle = wayBack(graph, node);
    if (circle === null) continue;
    circles.push(circle);
    // One line is enough for everything that hangs together; the rest shows once it is cut.
    for (const other of reach(graph, node)) if (reach(graph, other).has(node)) told.add(other);
  }
  return circles;
}

function wayBack(graph: ReadonlyMap<string, readonly string[]>, start: string): string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const node of queue) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) {
        const path = [node];
        while (path[0] !== start) path.unshift(cameFrom.get(path[0] as string) as string);
        return path;
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      queue.push(next);
    }
  }
  return null;
}

function reach(graph: ReadonlyMap<string, readonly string[]>, start: string): Set<string> {
  const seen = new Set<string>();
  const stack = [start];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const next of graph.get(node) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      stack.push(next);
    }
  }
  return seen;
}
