import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsBetween, offsetsOf, TALLEST, Vertical, widthsOf } from "./geometry.ts";
import { PagedRows } from "./pages.ts";

const settled = () => new Promise((resolve) => setTimeout(resolve, 120));

function source(
  rows: number,
  given: { total?: number | undefined; cut?: number; matching?: { rows: number; complete: boolean } } = {},
) {
  const asked: [number, number][] = [];
  const paged = new PagedRows({
    total: "total" in given ? given.total : rows,
    fetch: async (offset, limit) => {
      asked.push([offset, limit]);
      const end = Math.min(rows, offset + Math.min(limit, given.cut ?? limit));
      const items = Array.from({ length: Math.max(0, end - offset) }, (_, at) => [offset + at]);
      return { items, next_cursor: end < rows ? String(end) : null, matching: given.matching };
    },
    onChange: () => {},
    onProblem: (thrown) => assert.fail(String(thrown)),
  });
  return { paged, asked };
}

test("only rows in sight are fetched, once", async () => {
  const { paged, asked } = source(10_000);
  paged.want(0, 20);
  paged.want(5_000, 5_020);
  await settled();
  assert.deepEqual(asked, [[5_000, 250]]);
  assert.deepEqual(paged.row(5_010), [5_010]);
  assert.equal(paged.row(0), undefined);
  paged.want(5_000, 5_030);
  await settled();
  assert.equal(asked.length, 1);
});

test("a portion that the service cut is fetched to its end", async () => {
  const { paged, asked } = source(1_000, { cut: 100 });
  paged.want(0, 10);
  await settled();
  assert.deepEqual(asked, [
    [0, 250],
    [100, 150],
    [200, 50],
  ]);
  assert.deepEqual(paged.row(249), [249]);
});

test("of rows whose number is not known as many are told as were seen, and some", async () => {
  const { paged } = source(600, { total: undefined });
  paged.want(0, 0);
  await settled();
  assert.deepEqual([paged.total, paged.complete], [500, false]);
  paged.want(260, 499);
  await settled();
  paged.want(500, 620);
  await settled();
  assert.deepEqual([paged.total, paged.complete], [600, true]);
});

test("few portions are kept", async () => {
  const { paged } = source(100_000);
  for (let at = 0; at < 40; at += 1) {
    paged.want(at * 2_500, at * 2_500, true);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await settled();
  assert.equal(paged.row(0), undefined);
  assert.deepEqual(paged.row(97_500), [97_500]);
});

test("every row of a short and of a very long table can be scrolled to", () => {
  for (const rows of [1, 100, 1_000_000, 50_000_000]) {
    const vertical = new Vertical(rows, 32, 600);
    assert.ok(vertical.height <= TALLEST);
    const bottom = Math.max(0, vertical.height - 600);
    assert.equal(vertical.range(bottom).last, rows - 1);
    assert.equal(vertical.range(0).first, 0);
    for (const row of [0, Math.floor(rows / 3), rows - 1]) {
      const scroll = vertical.reveal(row, 0);
      const place = vertical.place(row, scroll) - scroll;
      assert.ok(place >= -1 && place <= 600 - 32 + 1, `${row} of ${rows} stands at ${place}`);
    }
  }
});

test("the columns between two places are found", () => {
  const offsets = offsetsOf([100, 50, 200]);
  assert.deepEqual(offsets, [0, 100, 150, 350]);
  assert.deepEqual(columnsBetween(offsets, 0, 90), { first: 0, last: 0 });
  assert.deepEqual(columnsBetween(offsets, 100, 151), { first: 1, last: 2 });
  assert.deepEqual(columnsBetween(offsets, 349, 9_000), { first: 2, last: 2 });
});

test("columns are as wide as what is in them, within bounds", () => {
  const [short, long, named] = widthsOf(["a", "b", "a rather long name"], [["1", "x".repeat(500), "1"]]);
  assert.ok(short !== undefined && long !== undefined && named !== undefined);
  assert.ok(short < named && named < long && long <= 340);
});

test("rows that were counted are all there to be scrolled to, or at least so many", async () => {
  const { paged, asked } = source(10_000, { total: undefined, matching: { rows: 10_000, complete: true } });
  paged.want(0, 0);
  await settled();
  assert.deepEqual([paged.total, paged.complete], [10_000, true]);
  paged.want(9_900, 9_999);
  await settled();
  assert.deepEqual(asked.at(-1), [9_750, 250]);
  assert.deepEqual(paged.row(9_999), [9_999]);
  const { paged: cut } = source(10_000, { total: undefined, matching: { rows: 7_000, complete: false } });
  cut.want(0, 0);
  await settled();
  assert.deepEqual([cut.total, cut.complete], [7_000, false]);
});
