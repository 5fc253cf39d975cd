/** A table among its relatives: columns of the drawing from the left, lines from above. */
export type Node = { name: string; column: number; line: number; parent: string | null };

export type Drawing = { nodes: Node[]; columns: number; lines: number };

/** Tables with a parent or a child, each right of its parent, children one below the other. Tables by themselves are left out. */
export function drawingOf(tables: { name: string; parent?: { table: string } | null }[]): Drawing {
  const names = new Set(tables.map(({ name }) => name));
  const parentOf = new Map<string, string>();
  for (const { name, parent } of tables) {
    if (parent && parent.table !== name && names.has(parent.table)) parentOf.set(name, parent.table);
  }
  const children = new Map<string, string[]>();
  for (const [child, parent] of parentOf) children.set(parent, [...(children.get(parent) ?? []), child]);
  const nodes: Node[] = [];
  let line = 0;
  let columns = 0;
  const place = (name: string, column: number): void => {
    // Tables that are each other's parents have no beginning; each is drawn once.
    if (nodes.some((node) => node.name === name)) return;
    nodes.push({ name, column, line, parent: parentOf.get(name) ?? null });
    columns = Math.max(columns, column + 1);
    const below = children.get(name) ?? [];
    if (below.length === 0) line += 1;
    for (const child of below) place(child, column + 1);
  };
  for (const { name } of tables) {
    if (!parentOf.has(name) && children.has(name)) place(name, 0);
  }
  return { nodes, columns, lines: line };
}
