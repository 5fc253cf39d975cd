import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startModel } from "./model.mjs";
import { BROKEN } from "./samples.mjs";
import { drop, settled, shot, signIn, signOut, startStage, view } from "./stage.mjs";
import { openView } from "./views.mjs";
import { zip } from "./zip.mjs";

// What people bring has names without a place to break them, and tables with more columns than a screen is wide.

const WIDTHS = [360, 600, 768, 1024, 1440, 3840];
const LONG = "averylongnamewithoutanyplacewhereitcouldbebroken";
const ELEMENT = `${LONG}_of_an_element_${LONG}`;
const FILE = `${LONG}-${LONG}-${LONG}`;
const PERSON = `${LONG}@example`.slice(0, 64);
const COLUMNS = 120;

function wide(change) {
  const rows = Array.from({ length: 40 }, (_, row) => {
    const cells = Array.from({ length: COLUMNS }, (_, at) => `<column_${at}>${row * at}</column_${at}>`).join("");
    const value = row === 3 ? `${change}${LONG.repeat(40)}` : `value ${row}`;
    return `<${ELEMENT} id="${row}"><${ELEMENT}_text>${value}</${ELEMENT}_text>${cells}<${ELEMENT}_part><a>${row}</a></${ELEMENT}_part><${ELEMENT}_part><a>${row}</a></${ELEMENT}_part></${ELEMENT}>`;
  });
  return `<${ELEMENT}_all>${rows.join("")}</${ELEMENT}_all>`;
}

const RULES = [
  {
    asked: /./,
    calls: [{ name: "run_sql", arguments: { sql: `SELECT column_1, ${ELEMENT}_text FROM ${ELEMENT} LIMIT 5` } }],
    text: `**${LONG.repeat(3)}** and \`${LONG.repeat(3)}\`\n\n\`\`\`\n${LONG.repeat(5)}\n\`\`\`\n\n| ${ELEMENT} | b | c | d |\n|---|---|---|---|\n| ${LONG} | ${LONG} | ${LONG} | ${LONG} |\n\nIt was 999 of ${ELEMENT}.`,
  },
];

let model;
let stage;
let page;
let views;
before(async () => {
  model = await startModel(RULES);
  stage = await startStage({ settings: { ...model.settings, RATE_LIMIT_PER_MINUTE: "100000" } });
  page = await stage.newPage();
});
after(async () => {
  await stage.stop();
  await model.stop();
});

/** What is wider than the window: the page as a whole, and whatever scrolls sideways without being made for it. */
const tooWide = () =>
  page.evaluate(() => {
    const made = ".grid, .scroll-x, .relations, .sample-rows, .tabs, pre, .excerpt, textarea, input, select";
    const found = [];
    const over = document.documentElement.scrollWidth - innerWidth;
    if (over > 0) found.push(`the page by ${over}`);
    for (const element of document.querySelectorAll("body *")) {
      const { overflowX } = getComputedStyle(element);
      const scrolls = overflowX === "auto" || overflowX === "scroll";
      const more = element.scrollWidth - element.clientWidth;
      if (scrolls && more > 1 && !element.matches(made)) {
        found.push(`${element.localName}.${element.className} by ${more}`);
      }
    }
    // What can neither be seen nor scrolled to.
    for (const element of document.querySelectorAll("button, a, input, select, h1, h2, p, strong")) {
      const box = element.getBoundingClientRect();
      const isSeen =
        element.checkVisibility() && box.width > 0 && !element.closest(`${made}, .unseen, .skip, .truncate`);
      if (isSeen && (box.right > innerWidth + 1 || box.left < -1)) {
        found.push(`${element.localName} "${element.textContent.slice(0, 40)}" is ${box.left} to ${box.right}`);
      }
    }
    return found;
  });

async function atEveryWidth(name, found) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    await settled(page);
    const here = await tooWide();
    if (here.length > 0) found[`${name} at ${width}`] = here;
    await shot(page, `width-${name}-${width}`);
  }
}

test("signing in fits every width, also when it fails", async () => {
  const found = {};
  await atEveryWidth("sign-in", found);
  await signIn(page, LONG);
  await page.getByRole("alert").waitFor();
  await atEveryWidth("sign-in-refused", found);
  assert.deepEqual(found, {});
});

test("a session is prepared", async () => {
  await signIn(page);
  await page.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
  const folder = (name) =>
    zip([
      { name: `${FILE}/${LONG}.xml`, bytes: wide(name) },
      { name: `${FILE}/broken-${LONG}.xml`, bytes: BROKEN.replace("2026", LONG.repeat(3)) },
    ]);
  for (const name of ["a", "b"]) {
    await drop(page, [{ name: `${name}-${FILE}.zip`, bytes: folder(name) }]);
    await page.getByRole("button", { name: new RegExp(`^Remove ${name}-`) }).waitFor();
  }
  await page.getByRole("button", { name: "Show the place" }).first().click();
  await page.locator(".excerpt").first().waitFor();
  const found = {};
  await atEveryWidth("transfers", found);
  await view(page, "Convert");
  await page.locator(".sample-rows td").first().waitFor();
  await page.getByRole("button", { name: "Convert", exact: true }).click();
  await page.getByRole("heading", { name: /tables with/ }).waitFor();
  await view(page, "Ask");
  await page.getByRole("heading", { name: "What do you want to know?" }).waitFor();
  await page.getByLabel("Your question").fill(`What of ${LONG.repeat(4)}?`);
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await page.getByRole("button", { name: "1 SQL statement" }).click();
  views = viewsOf(new URL(page.url()).hash);
  await page.evaluate(() => {
    location.hash = "#/admin/accounts";
  });
  await page.getByRole("button", { name: "Add account" }).click();
  await page.getByRole("dialog").getByLabel("Username").fill(PERSON);
  await page.getByRole("dialog").getByLabel("Password").fill("long-enough-1");
  await page.getByRole("dialog").getByRole("button", { name: "Add account" }).click();
  await page.getByRole("listitem").filter({ hasText: PERSON }).waitFor();
  await atEveryWidth("notice", found);
  const other = await stage.newPage();
  await other.getByLabel("Username").fill(PERSON);
  await other.getByLabel("Password", { exact: true }).fill("long-enough-1");
  await other.getByRole("button", { name: "Sign in" }).click();
  await other.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
  await drop(other, [{ name: "small.xml", bytes: "<a><b>1</b></a>" }]);
  await other.getByText("1 document found").waitFor();
  await view(other, "Convert");
  await other.getByRole("button", { name: "Convert", exact: true }).click();
  await other.getByRole("heading", { name: /table with/ }).waitFor();
  assert.deepEqual(found, {});
});

/** Every view of somebody who is signed in: its name, its address, and what shows that it is there. */
function viewsOf(conversation) {
  const sql = `SELECT * FROM ${ELEMENT} WHERE ${ELEMENT}_text = '${LONG.repeat(6)}' OR id > 0`;
  const sides = Object.fromEntries(["left", "right"].map((side, at) => [side, `${"ab"[at]}-${FILE}.zip`]));
  return [
    ["upload", "#/upload", ".group-head"],
    ["convert", "#/convert", ".sample-rows td"],
    ["table", "#/tables", ".td"],
    ["filter", `#/tables?filter=${ELEMENT}_text~value;id>=${LONG}`, ".chip"],
    ["row", "#/tables?row=4", ".cell-value"],
    ["sql", `#/tables?${new URLSearchParams({ sql })}`, ".td"],
    ["sql-refused", `#/tables?${new URLSearchParams({ sql: `SELECT ${ELEMENT}` })}`, ".callout"],
    ["compare", `#/tables?${new URLSearchParams({ compare: "", ...sides })}`, ".difference"],
    ["chat-new", "#/chat", ".suggestions"],
    ["chat", conversation, ".answer pre"],
    ["admin", "#/admin", ".tile"],
    ["admin-sessions", "#/admin/sessions", ".log td"],
    ["admin-jobs", "#/admin/jobs", ".log td"],
    ["admin-accounts", "#/admin/accounts", ".accounts li"],
    ["admin-activity", "#/admin/activity", ".log td"],
  ];
}

test("every view fits every width, whatever the names are", async () => {
  const found = {};
  for (const one of views) {
    await openView(page, one);
    await atEveryWidth(one[0], found);
  }
  assert.deepEqual(found, {});
});

test("dialogs, menus and the list of conversations fit every width", async () => {
  const found = {};
  for (const [name, button, after = null] of [
    ["upload", /^Remove a-/],
    ["table", /^Filter$/],
    ["compare", /^Choose the key$/],
    ["chat", /^More about/, /^Delete$/],
    ["chat", /^More about/, /^Rename$/],
    ["admin-accounts", new RegExp(`^More about ${PERSON}`)],
    ["admin-sessions", new RegExp(`^End the session of ${PERSON}`)],
    ["upload", /^Account/],
    ["upload", /^Account/, /^Sign out$/],
  ]) {
    await page.setViewportSize({ width: 1440, height: 800 });
    await openView(
      page,
      views.find(([view]) => view === name),
    );
    await page.getByRole("button", { name: button }).first().click();
    if (after) await page.getByRole("button", { name: after }).click();
    await atEveryWidth(`${name}-${(after ?? button).source.replace(/\W+/g, "").slice(0, 12)}`, found);
    await page.keyboard.press("Escape");
  }
  await openView(
    page,
    views.find(([view]) => view === "chat"),
  );
  for (const width of WIDTHS.filter((width) => width < 1024)) {
    await page.setViewportSize({ width, height: 800 });
    await page.getByRole("button", { name: "Conversations", exact: true }).click();
    await page.locator(".talk").first().waitFor();
    const here = await tooWide();
    if (here.length > 0) found[`conversations at ${width}`] = here;
    await page.getByRole("button", { name: "Conversations", exact: true }).click();
  }
  assert.deepEqual(found, {});
});

test("what is left after signing out fits every width", async () => {
  await page.setViewportSize({ width: 1440, height: 800 });
  await signOut(page);
  await page.getByRole("heading", { name: "You are signed out" }).waitFor();
  const found = {};
  await atEveryWidth("signed-out", found);
  assert.deepEqual(found, {});
});

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
