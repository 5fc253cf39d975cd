import assert from "node:assert/strict";
import { test } from "node:test";
import { batchesOf, LARGE } from "./batches.ts";
import { branchOf } from "./branches.ts";
import { tabSeparated } from "./copy.ts";
import { chosenFiles } from "./dropped.ts";
import { excerptOf } from "./excerpt.ts";
import { canFilter, filterText, readFilters, readSort, sortText } from "./filters.ts";
import * as format from "./format.ts";
import { DEFAULTS, previewOf, requestOf, withGroupsOf } from "./options.ts";
import { newDocuments } from "./outdated.ts";
import { Pace } from "./pace.ts";
import { byLabel, figuresOf } from "./prometheus.ts";
import { drawingOf } from "./relations.ts";
import { readPlace, to } from "./router.ts";
import { uuid7 } from "./uuid.ts";

test("figures are said as people read them", () => {
  assert.deepEqual([0, 999, 1500, 99_949, 99_960, 2_147_483_648].map(format.bytes), [
    "0 B",
    "999 B",
    "1.5 kB",
    "99.9 kB",
    "100 kB",
    "2.1 GB",
  ]);
  assert.deepEqual([4.4, 59.6, 60, 3600, 5400].map(format.duration), ["4 s", "1 min", "1 min", "1 h", "1 h 30 min"]);
  assert.deepEqual([0, 4.2, 65].map(format.countdown), ["0:00", "0:05", "1:05"]);
  assert.deepEqual([format.percent(1, 3), format.percent(5, 0), format.percent(9, 9)], [33, 0, 100]);
  assert.deepEqual(format.splitPath("a.zip/b/c.xml"), { folder: "a.zip/b/", name: "c.xml" });
});

test("the speed is that of the last seconds", () => {
  const pace = new Pace();
  assert.equal(pace.speed, undefined);
  for (let second = 0; second <= 10; second += 1) pace.add(second < 6 ? 0 : (second - 6) * 100, second * 1000);
  assert.equal(pace.speed, 100);
  assert.equal(pace.left(900), 5);
});

test("ids are of version 7 and sorted by time", () => {
  const [early, late] = [uuid7(1000), uuid7(2000)];
  assert.match(early, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(early < late);
  assert.equal(Number.parseInt(uuid7(1_790_000_000_000).replace("-", "").slice(0, 12), 16), 1_790_000_000_000);
});

test("places are read from addresses and written to them", () => {
  const address = to("tables", ["a/b c"], { filter: "x=1;y~2", row: "3" });
  const place = readPlace(address);
  assert.deepEqual([place.view, place.rest, place.parameters.get("filter")], ["tables", ["a/b c"], "x=1;y~2"]);
  assert.deepEqual(readPlace("").view, "");
  assert.deepEqual(readPlace("#/%E0%A4%A").view, "%E0%A4%A");
});

test("filters and sorts are those of the call", () => {
  const filters = readFilters("qty>=5;name~a=b; note =x");
  assert.deepEqual(
    filters.map(({ column, comparison, value }) => [column, comparison, value]),
    [
      ["qty", ">=", "5"],
      ["name", "~", "a=b"],
      ["note", "=", "x"],
    ],
  );
  assert.equal(filterText(filters), "qty>=5;name~a=b;note=x");
  assert.deepEqual(readSort("-year"), { column: "year", descending: true });
  assert.equal(sortText(readSort("year")), "year");
  assert.equal(sortText(null), "");
  assert.ok(canFilter({ column: "@id", value: "a=b" }));
  assert.ok(!canFilter({ column: "a=b", value: "" }) && !canFilter({ column: "a", value: "x;y" }));
});

test("only what differs from the defaults is asked for", () => {
  assert.deepEqual(requestOf(DEFAULTS), {});
  const chosen = { ...DEFAULTS, layout: "flat" as const, record: " book ", delimiter: ";" as const, crlf: true };
  assert.deepEqual(requestOf(chosen), { layout: "flat", record: "book", csv: { delimiter: ";", line_end: "crlf" } });
  assert.deepEqual(requestOf({ ...chosen, format: "xlsx" }), { layout: "flat", record: "book", format: "xlsx" });
  assert.deepEqual(previewOf({ ...chosen, format: "jsonl", on_error: "fail" }), { layout: "flat", record: "book" });
});

test("small files go together, large ones alone, and no form has a name twice", () => {
  const named = (name: string, size: number) => ({ name, file: { size } as File });
  const batches = batchesOf([named("a", 1), named("big", LARGE), named("b", 2), named("a", 3)]);
  assert.deepEqual(
    batches.map(({ kind, files }) => [kind, files.map(({ name }) => name).join()]),
    [
      ["form", "a,b"],
      ["ticket", "big"],
      ["form", "a"],
    ],
  );
  const many = batchesOf(Array.from({ length: 250 }, (_, at) => named(`f${at}`, 10)));
  assert.deepEqual(
    many.map(({ files }) => files.length),
    [100, 100, 50],
  );
});

test("the branch in view is the chosen one, else the newest", () => {
  const said = (id: string, parent_id: string | null) => ({ id, parent_id });
  const messages = [said("q1", null), said("a1", "q1"), said("a2", "q1"), said("q2", "a1"), said("x", "gone")];
  const shown = (choices: [string, string][]) =>
    branchOf(messages, new Map(choices)).map(
      ({ message, place, siblings }) => `${message.id} ${place + 1}/${siblings.length}`,
    );
  assert.deepEqual(shown([["", "q1"]]), ["q1 1/2", "a2 2/2"]);
  assert.deepEqual(
    shown([
      ["", "q1"],
      ["q1", "a1"],
    ]),
    ["q1 1/2", "a1 1/2", "q2 1/1"],
  );
  assert.deepEqual(shown([]), ["x 2/2"]);
  const round = [said("a", "b"), said("b", "a")];
  assert.deepEqual(branchOf(round, new Map()), []);
});

test("tables stand right of the ones they belong to", () => {
  const table = (name: string, parent?: string) => ({ name, parent: parent ? { table: parent } : null });
  const { nodes, columns, lines } = drawingOf([
    table("alone"),
    table("a"),
    table("b", "a"),
    table("c", "b"),
    table("d", "a"),
  ]);
  assert.deepEqual(
    nodes.map(({ name, column, line }) => [name, column, line]),
    [
      ["a", 0, 0],
      ["b", 1, 0],
      ["c", 2, 0],
      ["d", 1, 1],
    ],
  );
  assert.deepEqual([columns, lines], [3, 2]);
  assert.deepEqual(drawingOf([table("self", "self")]).nodes, []);
});

test("cells are copied with quotes where they need them", () => {
  assert.equal(
    tabSeparated([
      ["a", 1, null],
      ['say "x"', "two\nlines", true],
    ]),
    'a\t1\t\n"say ""x"""\t"two\nlines"\ttrue',
  );
});

test("the place of a fault is found over the borders of pieces", async () => {
  const text = "one\r\ntwo\nthree is here\nfour\nfive\nsix";
  const bytes = new TextEncoder().encode(text);
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 3) controller.enqueue(bytes.slice(at, at + 3));
      controller.close();
    },
  });
  const excerpt = await excerptOf(stream, 3, 7);
  assert.deepEqual(
    excerpt?.lines.map(({ number, text }) => `${number} ${text}`),
    ["1 one", "2 two", "3 three is here", "4 four", "5 five"],
  );
  assert.equal(excerpt?.column, 7);
  assert.equal(await excerptOf(new Blob(["one line"]).stream(), 9, 1), null);
});

test("of a long line the part around the fault is shown", async () => {
  const line = `${"a".repeat(500)}!${"b".repeat(500)}`;
  const excerpt = await excerptOf(new Blob([line]).stream(), 1, 501);
  const [shown] = excerpt?.lines ?? [];
  assert.equal(shown?.text[(excerpt?.column ?? 0) - 1], "!");
  assert.ok((shown?.text.length ?? 0) < 200);
});

test("figures of Prometheus are read", () => {
  const figures = figuresOf('# HELP x y\nret_a 3\nret_jobs{state="failed"} 2\nret_jobs{state="queued"} 1\nbroken\n');
  assert.equal(figures.get("ret_a"), 3);
  assert.deepEqual(byLabel(figures, "ret_jobs"), [
    { label: "failed", value: 2 },
    { label: "queued", value: 1 },
  ]);
});

test("what the service says becomes a sentence, and names stay as they are", () => {
  assert.equal(format.sentence("the column is not there"), "The column is not there");
  assert.equal(format.sentence("'book' is no column"), "'book' is no column");
  assert.equal(format.sentence(""), "");
});

test("files are sent in the order of their names, the second before the tenth", () => {
  const files = ["b/10.xml", "b/2.xml", "a.xml", "b/.DS_Store", "B/1.xml"].map((name) => new File([""], name));
  assert.deepEqual(
    chosenFiles(files).map(({ name }) => name),
    ["a.xml", "B/1.xml", "b/2.xml", "b/10.xml"],
  );
});

test("groups that are gone are not asked for", () => {
  const chosen = { ...DEFAULTS, groups: ["MARCH", "MAY"] };
  assert.deepEqual(withGroupsOf(chosen, ["MAY", "JUNE"]).groups, ["MAY"]);
  assert.equal(withGroupsOf(chosen, ["MARCH", "MAY"]), chosen);
});

test("documents that came since a conversion are those of new uploads", () => {
  const files = [
    { path: "old.zip", modified_at: "2026-03-01T10:00:00Z" },
    { path: "new.zip", modified_at: "2026-03-01T12:00:00Z" },
    { path: "new.zip.xml", modified_at: "2026-03-01T10:00:00Z" },
  ];
  const documents = [
    { path: "old.zip/a.xml" },
    { path: "new.zip/b/c.xml" },
    { path: "new.zip/b/broken.xml", error: {} },
    { path: "new.zip.xml" },
  ];
  const since = "2026-03-01T11:00:00Z";
  assert.equal(newDocuments({ files, documents, since, replaced: [] }), 1);
  assert.equal(newDocuments({ files, documents, since, replaced: ["new.zip"] }), 0);
});
