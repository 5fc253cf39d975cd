import assert from "node:assert/strict";
import { test } from "node:test";
import { Listing, type ListPage } from "./listing.ts";

type Asked = { cursor: string | null; answer: (page: ListPage<number>) => void; fail: (why: Error) => void };

/** A list whose pages come when the test says so. */
function listing() {
  const asked: Asked[] = [];
  const load = (cursor: string | null) =>
    new Promise<ListPage<number>>((answer, fail) => asked.push({ cursor, answer, fail }));
  return { list: new Listing<number>(load), asked };
}

async function withFirst() {
  const { list, asked } = listing();
  const first = list.more();
  asked[0]?.answer({ items: [1, 2], next_cursor: "2" });
  await first;
  return { list, asked };
}

test("a page that is asked for twice at once is shown once", async () => {
  const { list, asked } = await withFirst();
  const both = [list.more(), list.more()];
  assert.equal(asked.length, 2);
  asked[1]?.answer({ items: [3], next_cursor: null });
  await Promise.all(both);
  assert.deepEqual([list.items, list.next, list.pages], [[1, 2, 3], null, 2]);
});

test("a first page that is read anew does not take further ones away", async () => {
  const { list, asked } = await withFirst();
  const anew = list.refresh();
  const more = list.more();
  asked[2]?.answer({ items: [3], next_cursor: "3" });
  await more;
  asked[1]?.answer({ items: [0, 1], next_cursor: "1" });
  await anew;
  assert.deepEqual([list.items, list.next], [[1, 2, 3], "3"]);
  await list.refresh();
  assert.equal(asked.length, 3, "nothing is asked for in vain");
});

test("a first page that is read anew while a further one is under way does not leave a gap", async () => {
  const { list, asked } = await withFirst();
  const anew = list.refresh();
  const more = list.more();
  asked[1]?.answer({ items: [0, 1], next_cursor: "1" });
  await anew;
  asked[2]?.answer({ items: [3], next_cursor: null });
  await more;
  assert.deepEqual(list.items, [1, 2, 3]);
});

test("a page that failed is asked for again from the same place", async () => {
  const { list, asked } = await withFirst();
  const more = list.more();
  asked[1]?.fail(new Error("away"));
  await assert.rejects(more);
  const again = list.more();
  assert.equal(asked[2]?.cursor, "2");
  asked[2]?.answer({ items: [3] });
  await again;
  assert.deepEqual([list.items, list.next], [[1, 2, 3], null]);
});
