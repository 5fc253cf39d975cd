import assert from "node:assert/strict";
import { test } from "node:test";
import { blockAddress, blockId, blockList, blocksOf } from "./blocks.ts";

test("a file is cut into blocks of which the store takes as many", () => {
  const MIB = 1024 * 1024;
  assert.deepEqual(blocksOf(8 * MIB), { size: 8 * MIB, count: 1 });
  assert.deepEqual(blocksOf(8 * MIB + 1), { size: 8 * MIB, count: 2 });
  const huge = blocksOf(4_000_000 * MIB);
  assert.ok(huge.count <= 50_000 && huge.size * huge.count >= 4_000_000 * MIB);
});

test("the address of a block keeps the signature", () => {
  const url = new URL(blockAddress("https://a.example/c/b%20c?sp=w&sig=a%2Bb%3D", 7));
  assert.equal(url.pathname, "/c/b%20c");
  assert.deepEqual(Object.fromEntries(url.searchParams), { sp: "w", sig: "a+b=", comp: "block", blockid: blockId(7) });
  assert.equal(new URL(blockAddress("https://a.example/c?sig=x", "list")).searchParams.get("comp"), "blocklist");
  assert.equal(blockId(0).length, blockId(49_999).length);
  assert.match(blockList(2), /<BlockList><Latest>[^<]+<\/Latest><Latest>[^<]+<\/Latest><\/BlockList>$/);
});
