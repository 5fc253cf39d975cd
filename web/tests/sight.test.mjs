import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { RULES, startModel } from "./model.mjs";
import { library, nestedArchive, orders } from "./samples.mjs";
import { drop, settled, shot, signIn, signOut, startStage, view } from "./stage.mjs";
import { zip } from "./zip.mjs";

// What is seen, and stays in sight: where one was, what is under way, and whether it is still so.

/** Of which a value has two lines. */
const LATER = orders(3, 900).replace("</city>", "\nUpper town</city>");

let model;
let stage;
let page;
before(async () => {
  model = await startModel(RULES);
  stage = await startStage({ front: true, settings: { ...model.settings, RATE_LIMIT_PER_MINUTE: "100000" } });
  page = await stage.newPage();
  await signIn(page);
  await page.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
});
after(async () => {
  await stage.stop();
  await model.stop();
});

const link = (name) => page.getByRole("navigation", { name: "Views" }).getByRole("link", { name, exact: true });
const fileRow = (name) => page.getByRole("button", { name: `Remove ${name}`, exact: true });
const hash = () => page.evaluate(() => location.hash);

function at(address) {
  return page.evaluate((address) => {
    location.hash = address;
  }, address);
}

async function add(name, text) {
  await view(page, "Upload");
  await drop(page, [{ name, bytes: Buffer.from(text) }]);
  await fileRow(name).waitFor();
}

/** Lets a file be held over the page, and fall. */
async function dropOn(selector, events, name, text) {
  const data = await page.evaluateHandle(
    ([name, text]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], name));
      return transfer;
    },
    [name, text],
  );
  for (const event of events) await page.dispatchEvent(selector, event, { dataTransfer: data });
  return data;
}

async function convert() {
  await view(page, "Convert");
  await page.locator(".sample-rows td").first().waitFor();
  await page.getByRole("button", { name: "Convert", exact: true }).click();
  await page.locator(".job [aria-labelledby=ended]").waitFor();
}

test("the place of a fault is marked in the text, whatever stands before it", async () => {
  await drop(page, [{ name: "tabs.xml", bytes: Buffer.from('<a>\n\t\t<b x="漢字">&nope;</b>\n</a>\n') }]);
  await page.getByRole("button", { name: "Show the place" }).first().click();
  const mark = page.locator(".excerpt .at mark").first();
  await mark.waitFor();
  const before = await mark.evaluate((element) => {
    const line = element.parentElement.textContent.replace(/^\d+/, "");
    return [line.indexOf("&nope;"), line.length, element.previousSibling.textContent];
  });
  await shot(page, "80-mark");
  const place = await page
    .getByText(/line 2, column \d+/)
    .first()
    .textContent();
  const column = Number(/column (\d+)/.exec(place)[1]);
  assert.equal([...before[2]].length, column - 1, JSON.stringify(before));
  await page.getByRole("button", { name: "Clear the list" }).click();
});

test("many files are shown in portions, and removed together", async () => {
  const files = Array.from({ length: 120 }, (_, at) => ({
    name: `file-${at + 1}.xml`,
    bytes: Buffer.from("<a><b>1</b></a>"),
  }));
  await drop(page, files);
  await fileRow("file-1.xml").waitFor();
  await page.getByRole("button", { name: "Show more (70)" }).waitFor();
  await shot(page, "81-many-files");
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  assert.ok(height < 4500, `${height} pixels`);
  await page.getByRole("button", { name: "Show more (70)" }).click();
  assert.equal(await page.locator("section[aria-labelledby=files] li").count(), 120);
  await drop(page, [{ name: "file-7.xml", bytes: Buffer.from("<a><b>2</b></a>") }]);
  await page.getByText("file-7.xml takes the place of the file of that name").waitFor();
  await page.waitForFunction(() => !document.querySelector(".sending"));
  await page.getByRole("button", { name: "Remove all" }).click();
  await page.getByRole("dialog").getByText("Remove all 120 files?").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByText(/ of 120 removed/).waitFor();
  await shot(page, "82-remove-all");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Clear the list" }).click();
  await page.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
});

test("a conversion says its end to those who do not see it", async () => {
  await add("deposit.zip", nestedArchive());
  await convert();
  const said = page.getByRole("status").filter({ hasText: /^Converted: \d+ tables with .* rows from 3 documents$/ });
  await said.waitFor({ state: "attached" });
});

test("files that are dropped beside the upload are uploaded", async () => {
  await view(page, "Tables");
  await page.locator(".td").first().waitFor();
  await dropOn(".main", ["dragenter", "dragover"], "later.xml", LATER);
  await page.getByText("Let go to upload").waitFor();
  await shot(page, "83-drop-anywhere");
  await dropOn(".main", ["drop"], "later.xml", LATER);
  await fileRow("later.xml").waitFor();
  assert.equal(await hash(), "#/upload");
  assert.equal(await page.locator(".drop-anywhere").count(), 0);
});

test("tables say that documents came since, until they are converted again", async () => {
  const note = page.getByText("1 document came since.");
  await view(page, "Tables");
  await note.waitFor();
  await shot(page, "84-outdated");
  await page.getByRole("link", { name: "Go to convert" }).click();
  await note.waitFor();
  await convert();
  await page.waitForFunction(() => !document.querySelector(".callout.warn"));
  await page.getByRole("radio", { name: "Flat" }).check();
  await page.getByText("Other options are chosen now.").waitFor();
  await page.getByRole("radio", { name: "Automatic" }).check();
  await page.getByText("Other options are chosen now.").waitFor({ state: "detached" });
});

test("a group that was chosen goes with its documents", async () => {
  await add("short-lived.zip", zip([{ name: "lived/library.xml", bytes: library(5) }]));
  await view(page, "Convert");
  await page.locator(".sample-rows td").first().waitFor();
  const groups = page.getByRole("group", { name: "Groups" });
  const names = await groups.locator("label").allTextContents();
  const mine = names.find((name) => /short|lived/i.test(name));
  await groups.getByLabel(mine, { exact: true }).check();
  assert.equal(await groups.getByLabel("All groups").isChecked(), false);
  await view(page, "Upload");
  await fileRow("short-lived.zip").click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await convert();
  assert.equal(await groups.getByLabel("All groups").isChecked(), true);
  assert.equal(await page.getByRole("alert").count(), 0);
});

test("a view is come back to as it was left, and its link leads to its beginning from there", async () => {
  await at("#/tables/book?filter=author~Austen");
  await page.locator(".chip").waitFor();
  await page.waitForFunction(() => document.title === "book · Tables · RET");
  await view(page, "Convert");
  await page.locator(".options").waitFor();
  await page.waitForFunction(() => document.title === "Convert · RET");
  await view(page, "Tables");
  await page.locator(".chip").waitFor();
  assert.equal(await hash(), "#/tables/book?filter=author%7EAusten");
  await view(page, "Tables");
  await page.locator(".chip").waitFor({ state: "detached" });
  assert.equal(await hash(), "#/tables");
});

test("a condition begins with the column that is looked at, and says something", async () => {
  await at("#/tables/book");
  await page.locator(".td").first().waitFor();
  await page.locator('[data-place="1-2"]').click();
  const column = await page.locator('[aria-colindex="3"][role=columnheader] .truncate').textContent();
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  assert.equal(await page.getByLabel("Column").inputValue(), column);
  const apply = page.getByRole("button", { name: "Apply" });
  assert.equal(await apply.isDisabled(), true);
  await page.getByLabel("Condition").selectOption("is");
  assert.equal(await apply.isDisabled(), false);
  await page.getByRole("button", { name: "Cancel" }).click();
});

test("a line break in a cell is seen as one", async () => {
  await at("#/tables/ROOT.order");
  await page.getByRole("gridcell", { name: /^\w+↵Upper town$/ }).waitFor();
  await shot(page, "91-line-break");
});

test("a menu closes when the keyboard goes on, and opens where it has room", async () => {
  await at("#/admin/accounts");
  const more = page.getByRole("button", { name: "More about admin" });
  await more.click();
  await page.getByRole("button", { name: "Make ordinary user" }).waitFor();
  for (let steps = 0; steps < 2; steps += 1) await page.keyboard.press("Shift+Tab");
  await page.locator(".menu .panel").waitFor({ state: "detached" });
  await more.evaluate((element) => {
    element.closest("li").style.marginTop = "0";
    document.querySelector(".page").style.paddingTop = `${innerHeight - element.getBoundingClientRect().top - 60}px`;
  });
  const top = await more.evaluate((element) => innerHeight - element.getBoundingClientRect().bottom);
  assert.ok(top < 120, `${top} pixels below`);
  await more.click();
  const panel = page.locator(".menu .panel.up");
  await panel.waitFor();
  await shot(page, "85-menu-up");
  const fits = await panel.evaluate((element) => {
    const box = element.getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight;
  });
  assert.ok(fits);
  await page.keyboard.press("Escape");
  await page.evaluate(() => document.querySelector(".page").removeAttribute("style"));
});

test("on a phone the end of a conversion is in sight", async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await convert();
  await settled(page);
  const seen = await page.locator("#ended").evaluate((element) => {
    const box = element.getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight;
  });
  await shot(page, "86-converted-phone");
  await page.setViewportSize({ width: 1280, height: 800 });
  assert.ok(seen);
});

test("on a large screen pictures and boxes grow with the letters", async () => {
  await view(page, "Convert");
  await page.getByLabel("Group in the preview").selectOption("MARCH");
  await page.locator(".node").first().waitFor();
  const sizes = () =>
    page.evaluate(() => {
      const width = (selector) => document.querySelector(selector).getBoundingClientRect().width;
      const letter = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      const cut = [...document.querySelectorAll(".node .truncate")].filter((one) => one.scrollWidth > one.clientWidth);
      return { icon: width(".side .item svg") / letter, node: width(".node") / letter, cut: cut.length, letter };
    });
  const usual = await sizes();
  await page.setViewportSize({ width: 3840, height: 2160 });
  const large = await sizes();
  await shot(page, "87-large-screen");
  await page.setViewportSize({ width: 1280, height: 800 });
  assert.ok(large.letter > usual.letter * 1.4);
  assert.ok(
    Math.abs(large.icon - usual.icon) < 0.05 && Math.abs(large.node - usual.node) < 0.05,
    JSON.stringify(large),
  );
  assert.deepEqual([usual.cut, large.cut], [0, 0]);
});

test("what is under way is marked beside the upload, and not left unasked", async () => {
  const asks = () => page.evaluate(() => !dispatchEvent(new Event("beforeunload", { cancelable: true })));
  assert.equal(await asks(), false);
  stage.front.slowDown(100_000);
  await dropOn(".main", ["drop"], "slow.xml", `<log>${"<entry>0123456789</entry>".repeat(40_000)}</log>`);
  await page.locator(".transfer", { hasText: "slow.xml" }).waitFor();
  await view(page, "Convert");
  assert.equal(await link("Upload").getAttribute("title"), "Files are still on their way");
  await link("Upload").locator(".sending").waitFor();
  await shot(page, "88-on-the-way");
  assert.equal(await asks(), true);
  stage.front.slowDown(Number.POSITIVE_INFINITY);
  await view(page, "Upload");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.waitForFunction(() => !document.querySelector(".sending"));
  assert.equal(await asks(), false);
});

test("a mark on an answer is kept, and taken back", async () => {
  await view(page, "Ask");
  await page.getByLabel("Your question").fill("How many orders are there?");
  await page.keyboard.press("Enter");
  const good = page.getByRole("button", { name: "Good answer" });
  const bad = page.getByRole("button", { name: "Bad answer" });
  const marks = async () => [await good.getAttribute("aria-pressed"), await bad.getAttribute("aria-pressed")].join();
  const marked = async (button, expected) => {
    const kept = page.waitForResponse((answer) => answer.url().endsWith("/feedback") && answer.status() === 204);
    await button.click();
    await kept;
    await page.waitForFunction(
      (expected) =>
        [...document.querySelectorAll(".answer-tools [aria-pressed]")].map((one) => one.ariaPressed).join() ===
        expected,
      expected,
    );
  };
  await good.waitFor();
  assert.equal(await marks(), "false,false");
  await marked(good, "true,false");
  await marked(bad, "false,true");
  await shot(page, "89-marks");
  const conversation = await hash();
  await page.getByRole("link", { name: "New conversation" }).click();
  await page.getByRole("heading", { name: "What do you want to know?" }).waitFor();
  await at(conversation);
  await bad.waitFor();
  assert.equal(await marks(), "false,true");
  await marked(bad, "false,false");
});

test("what differs is taken along as a file", async () => {
  const march = "deposit.zip/inner.zip/march";
  await at(`#/tables?compare=&left=${march}/a.xml&right=${march}/b.xml`);
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: /^Export \d+ rows \(CSV\)$/ }).click();
  const file = await coming;
  const lines = readFileSync(await file.path(), "utf8").split("\r\n");
  await shot(page, "90-export-differences");
  assert.match(lines[0], /^change,.*row_before,row_after,column,before,after$/);
  assert.ok(lines.length > 100, `${lines.length} lines`);
  assert.match(lines[1], /^(removed|added|changed),/);
});

test("who has signed out reads on from what is said of it", async () => {
  await signOut(page);
  const heading = page.getByRole("heading", { name: "You are signed out" });
  await heading.waitFor();
  assert.ok(await heading.evaluate((element) => element === document.activeElement));
});

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
