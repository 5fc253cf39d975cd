import assert from "node:assert/strict";
import { test } from "node:test";
import { EventParser } from "../api/events.ts";

const STREAM =
  ': alive\n\nevent: delta\nid: 3-12\ndata: {"text":"a"}\n\ndata: one\r\ndata: two\r\n\r\nevent: empty\n\n';

test("events are the same however the stream is divided", () => {
  const expected = [
    { name: "delta", id: "3-12", data: '{"text":"a"}' },
    { name: "message", id: "3-12", data: "one\ntwo" },
  ];
  for (let size = 1; size <= STREAM.length; size += 1) {
    const parser = new EventParser();
    const found = [];
    for (let at = 0; at < STREAM.length; at += size) found.push(...parser.push(STREAM.slice(at, at + size)));
    assert.deepEqual(found, expected, `in pieces of ${size}`);
  }
});
