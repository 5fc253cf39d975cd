import assert from "node:assert/strict";
import { test } from "node:test";
import { exactJson } from "./exact.ts";

test("what is small enough is a number", () => {
  assert.deepEqual(exactJson('{"a":[1,-2.5,9007199254740991,null,true,"9007199254740993"]}'), {
    a: [1, -2.5, 9_007_199_254_740_991, null, true, "9007199254740993"],
  });
});

test("a whole number that would be rounded is its text", (context) => {
  const tellsTexts = JSON.parse("1", (_, __, { source } = {} as { source?: string }) => source !== undefined);
  if (!tellsTexts) return context.skip("this JavaScript does not tell the text of a number");
  assert.deepEqual(exactJson("[9007199254740993,-9223372036854775808,0.1000000000000000]"), [
    "9007199254740993",
    "-9223372036854775808",
    0.1,
  ]);
});
