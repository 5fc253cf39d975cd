import type { PreviewTable } from "../api/types.ts";
import { shortCount } from "../lib/format.ts";
import { shortName } from "../lib/names.ts";
import { drawingOf, type Node } from "../lib/relations.ts";
import { strings } from "../strings.ts";
import { Name, Wide } from "../ui/parts.tsx";

// Pixels where letters have their usual size; they grow with them.
const rem = (pixels: number) => `${pixels / 16}rem`;
const WIDTH = 176;
const HEIGHT = 46;
const GAP_X = 56;
const GAP_Y = 14;

const left = ({ column }: Node) => column * (WIDTH + GAP_X) + 1;
const top = ({ line }: Node) => line * (HEIGHT + GAP_Y) + 1;

/** Tables as boxes, each row of a right one belonging to a row of the one left of it. */
export function Relations({
  tables,
  chosen,
  onChoose,
}: {
  tables: PreviewTable[];
  chosen: string | undefined;
  onChoose: (name: string) => void;
}) {
  const { nodes, columns, lines } = drawingOf(tables);
  if (nodes.length === 0) return null;
  const width = columns * (WIDTH + GAP_X) - GAP_X + 2;
  const height = lines * (HEIGHT + GAP_Y) - GAP_Y + 2;
  const tableOf = new Map(tables.map((table) => [table.name, table]));
  return (
    <section class="stack" aria-labelledby="relations">
      <h3 id="relations">{strings.convert.relations}</h3>
      <Wide label={strings.convert.relations} kind="relations">
        <div class="canvas" style={{ width: rem(width), height: rem(height) }}>
          <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true" focusable="false">
            {nodes.map((node) => {
              const parent = nodes.find(({ name }) => name === node.parent);
              return parent && <path key={node.name} d={lineBetween(parent, node)} />;
            })}
          </svg>
          <ul>
            {nodes.map((node) => (
              <li key={node.name} style={{ left: rem(left(node)), top: rem(top(node)), width: rem(WIDTH) }}>
                <button
                  type="button"
                  class="node"
                  aria-pressed={node.name === chosen}
                  onClick={() => onChoose(node.name)}
                >
                  <strong class="row" title={node.name}>
                    <Name text={shortName(tableOf.get(node.name) ?? { name: node.name, group: "" })} />
                    {node.parent && <span class="unseen">, {strings.tablesView.parentOf(node.parent)}</span>}
                  </strong>
                  <span class="row small muted number">
                    <span class="grow">{node.parent ? "_parent → _id" : "_id"}</span>
                    <span>{shortCount(tableOf.get(node.name)?.rows_estimate ?? 0)}</span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      </Wide>
    </section>
  );
}

/** From the right side of the parent, down between the columns, to the left side of the child. */
function lineBetween(parent: Node, child: Node): string {
  const fromX = left(parent) + WIDTH;
  const fromY = top(parent) + HEIGHT / 2;
  const toX = left(child);
  const toY = top(child) + HEIGHT / 2;
  const middle = fromX + GAP_X / 2;
  if (fromY === toY) return `M${fromX} ${fromY}H${toX}`;
  return `M${fromX} ${fromY}H${middle - 8}q8 0 8 8V${toY - 8}q0 8 8 8H${toX}`;
}
