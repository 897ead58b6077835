// A real Chromium as the user's browser, on a desk or on a phone, with scripts switched off.
// usage: SIGNIN_USER=NAME SIGNIN_VISITS=FILE SIGNIN_BROWSER=FILE SIGNIN_WAY=desk|phone
//        SIGNIN_SHOTS=FOLDER chromium.mjs URL
//
// Does what `browser.py` does. What the policy of a page forbids, a redirect after a form included, is told by no
// status but by the console; and a person must see the whole of the page and hit its buttons, on a phone as well.
// FOLDER gets a picture of the page of consent.

import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";

import { chromium, devices } from "playwright-core";

const { SIGNIN_USER, SIGNIN_VISITS, SIGNIN_BROWSER, SIGNIN_WAY, SIGNIN_SHOTS } = process.env;
const PAGES = 10;
const FINGER = 24; // the least that a finger hits, in CSS pixels (WCAG 2.2, 2.5.8)

const note = (line) => appendFileSync(SIGNIN_VISITS, `${JSON.stringify(line)}\n`);
const [url] = process.argv.slice(2);
note({ opened: url });
const browser = await chromium.launch({ executablePath: SIGNIN_BROWSER, args: ["--no-sandbox"] });
const complaints = [];
try {
  const screen = SIGNIN_WAY === "phone" ? devices["iPhone 15"] : { viewport: { width: 1280, height: 800 } };
  const page = await (await browser.newContext({ ...screen, javaScriptEnabled: false })).newPage();
  page.on("console", (said) => said.text().includes("Content Security Policy") && complaints.push(said.text()));
  await page.goto(url);
  await signIn(page);
  assert.deepEqual(complaints, []);
  note({ arrived: page.url() });
} catch (error) {
  note({ failed: `${error.stack}\n${complaints.join("\n")}` });
} finally {
  await browser.close();
}

/** Agrees to everything until a page asks for nothing. */
async function signIn(page) {
  for (let pages = 0; pages < PAGES; pages += 1) {
    const form = page.locator("form");
    if ((await form.count()) === 0) return;
    const allow = form.locator("button[value=allow]");
    const asksForConsent = (await allow.count()) > 0;
    if (asksForConsent) await look(page, allow);
    for (const blank of await form.locator("input:not([type=hidden])").all()) {
      await blank.fill((await blank.getAttribute("type")) === "password" ? "demo" : SIGNIN_USER);
    }
    const moved = page.waitForEvent("framenavigated", { timeout: 20_000 });
    await (asksForConsent ? allow : form.locator("button").first()).click();
    await moved;
    await page.waitForLoadState();
  }
  throw new Error(`${PAGES} pages, and no end: ${page.url()}`);
}

/** The page of consent fits onto the screen, and its button is large enough. */
async function look(page, button) {
  await page.screenshot({ path: `${SIGNIN_SHOTS}/consent-${SIGNIN_WAY}.png`, fullPage: true });
  const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(wide <= screen, `the page is ${wide} pixels wide, on a screen of ${screen}`);
  const { width, height } = await button.boundingBox();
  assert.ok(Math.min(width, height) >= FINGER, `the button is ${width} by ${height} pixels`);
}
