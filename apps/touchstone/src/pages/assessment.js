// Takes an assessment behind a mailed link: opens it, signs in people who have an account, asks one question after
// another, leads through the interview, and shows the result. The pass stays in the session of the browser's tab, so
// that whoever loads the page again goes on; whoever comes back later opens the link again.
"use strict";

const fragment = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, "", location.pathname + location.search);
const $ = (id) => document.getElementById(id);
const KEPT = "touchstone.assessment";
let kept = {}; // of this tab: the token of the link, the pass, or the assignment of somebody who signs in
let bearer = null; // a guest's pass, or the access token of somebody signed in
let renew = null; // gets another one when it has run out

function keep(more) {
  kept = { ...kept, ...more };
  try { sessionStorage.setItem(KEPT, JSON.stringify(kept)); } catch { /* then a reload needs the link again */ }
}

function forget() {
  kept = {};
  try { sessionStorage.removeItem(KEPT); } catch { /* nothing was kept */ }
}

function recall() {
  try { kept = JSON.parse(sessionStorage.getItem(KEPT)) || {}; } catch { kept = {}; }
}

async function call(method, path, body, again = true) {
  try {
    return await ask(method, path, body, bearer);
  } catch (refused) {
    if (!(refused instanceof Refused) || refused.problem.status !== 401 || !bearer || !renew || !again) throw refused;
    bearer = null;
    await renew();
    return call(method, path, body, false);
  }
}

function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  Object.assign(node, properties);
  node.append(...children);
  return node;
}

const text = (words, name) => el("p", { textContent: words, className: name || "" });

function say(words, problem) {
  const lines = words ? [text(words)] : [];
  if (problem && problem.request_id) lines.push(text("Request " + problem.request_id, "id"));
  $("said").className = problem ? "bad" : "";
  $("said").replaceChildren(...lines);
  if (words) $("said").focus();
}

// A button that does something once at a time, and says what went wrong.
function button(words, work, name) {
  const node = el("button", { type: "button", textContent: words, className: name || "" });
  node.addEventListener("click", () => attempt(work, node));
  return node;
}

async function attempt(work, node) {
  if (node) node.disabled = true;
  say("");
  try {
    await work();
  } catch (refused) {
    say(...sorry(refused));
  } finally {
    if (node) node.disabled = false;
  }
}

function show(title, ...children) {
  const heading = el("h1", { textContent: title, tabIndex: -1 });
  $("stage").replaceChildren(heading, ...children);
  heading.focus();
}

// A moment of the server, by the clock here.
const moment = (at) => new Date(at).toLocaleString();

// The ids of organisation, campaign and assignment stand in it, 16 octets each behind one of its kind.
function assignmentIn(code) {
  const octets = atob(code.replace(/-/g, "+").replace(/_/g, "/"));
  const hex = Array.from(octets.slice(33, 49), (one) => one.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function open() {
  const pass = async () => {
    const opened = await call("POST", "v1/assignments/open", { token: kept.token }).catch((refused) => {
      // Whether there ever was something behind it, the API tells nobody.
      const isNothing = refused instanceof Refused && refused.problem.status === 404;
      throw isNothing ? new Refused(refused.problem, SENTENCES["assessment.invalid_invitation"]) : refused;
    });
    bearer = opened.pass;
    keep({ pass: bearer });
    return opened.assignment;
  };
  renew = pass;
  try {
    if (!kept.pass) return introduce(await pass());
    bearer = kept.pass;
    const [asked] = (await call("GET", "v1/me/assignments")).items;
    return runs(asked) ? take(await begin(asked)) : introduce(asked);
  } catch (refused) {
    if (!(refused instanceof Refused) || refused.problem.code !== "assessment.sign_in_needed") throw refused;
    const wanted = assignmentIn(kept.token);
    signIn("This invitation belongs to your account. Sign in to take the assessment.", () => mine(wanted));
  }
}

// What the person who signed in was asked to take.
async function mine(wanted) {
  for (let after = ""; after !== null;) {
    const page = await call("GET", "v1/me/assignments?limit=100" + (after && "&after=" + encodeURIComponent(after)));
    const found = page.items.find((asked) => asked.id === wanted);
    if (found) return introduce(found);
    after = page.next;
  }
  throw new Refused({}, "This account was not invited. Sign in with the one the mail was sent to.");
}

const begin = (asked) => call("POST", "v1/me/assignments/" + asked.id + "/start");
const runs = (taken) => taken.status === "in_progress" || taken.status === "paused";

function signIn(why, then) {
  const input = (id, label, type, more) => {
    const node = el("input", { id, type, ...more });
    return [el("label", { htmlFor: id, textContent: label }), node];
  };
  const second = el("div", { hidden: true },
    ...input("code", "Code of your authenticator app, or a recovery code", "text", { autocomplete: "one-time-code" }));
  const form = el("form", {},
    ...input("email", "E-mail address", "email", { autocomplete: "username", required: true }),
    ...input("password", "Password", "password", { autocomplete: "current-password", required: true }),
    second, el("button", { type: "submit", textContent: "Sign in" }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const login = { email: $("email").value, password: $("password").value };
      const code = $("code").value.replace(/\s/g, "");
      if (code) login[/^\d{6}$/.test(code) ? "totp_code" : "recovery_code"] = code;
      bearer = renew = null;
      let tokens;
      try {
        tokens = await call("POST", "v1/auth/login", login);
      } catch (refused) {
        if (!(refused instanceof Refused) || refused.problem.code !== "identity.second_factor_required") throw refused;
        second.hidden = false;
        say(refused.message);
        return $("code").focus();
      }
      bearer = tokens.access_token;
      renew = async () => {
        tokens = await call("POST", "v1/auth/refresh", { refresh_token: tokens.refresh_token });
        bearer = tokens.access_token;
      };
      await then();
    }, form.querySelector("button"));
  });
  show("Sign in", text(why), form);
}

// What one is asked to take. Who has taken it sees how far it is.
async function introduce(asked) {
  const begun = asked.status !== "not_started";
  if (begun && !runs(asked)) return over(await call("GET", "v1/interview-sessions/" + asked.session_id));
  const facts = [asked.organization_name + " asks you to take this assessment. It belongs to “" + asked.title + "”."];
  if (asked.minutes) facts.push("From the moment you begin you have " + asked.minutes + " minutes.");
  if (asked.scheduled_at) facts.push("You meet on " + moment(asked.scheduled_at) + ".");
  if (asked.opens_at && Date.parse(asked.opens_at) > Date.now()) facts.push("It begins on " + moment(asked.opens_at) + ".");
  if (asked.closes_at) facts.push("Begin before " + moment(asked.closes_at) + ".");
  const words = facts.map((fact) => text(fact));
  if (asked.message) words.splice(1, 0, el("blockquote", { textContent: asked.message }));
  show(asked.assessment_name, ...words, button(begun ? "Go on" : "Begin", async () => take(await begin(asked))), ...ownData());
}

// What a guest may do with what is kept of them. Whoever has an account does it there.
function ownData() {
  if (!kept.pass || bearer !== kept.pass) return [];
  let sure = false;
  const erase = button("Delete what is kept of me", async () => {
    if (!sure) {
      sure = true;
      erase.textContent = "Yes, delete it all";
      return say("This deletes your answers and your address for good, and your link stops working. Press the button again if you are sure.");
    }
    await call("DELETE", "v1/me/guest-data");
    forget();
    show("Deleted", text("What was kept of you is deleted."));
  }, "quiet");
  const copy = button("Download what is kept of me", async () => {
    const data = JSON.stringify(await call("GET", "v1/me/guest-data"), null, 2);
    const link = el("a", { href: URL.createObjectURL(new Blob([data], { type: "application/json" })), download: "my-data.json" });
    link.click();
    URL.revokeObjectURL(link.href);
  }, "quiet");
  return [el("details", {}, el("summary", { textContent: "My data" }), copy, erase)];
}

// Goes on where the person is: in a pause, at a question, in the interview, or behind it.
function take(session) {
  if (session.status === "paused") {
    return show(session.name, text("The clock stands still."),
      button("Go on", () => go(session, async () => take(await call("POST", "v1/interview-sessions/" + session.id + "/resume")))));
  }
  if (!runs(session)) return over(session);
  const items = session.questionnaire.items;
  const first = items.findIndex((item) => !session.answers[item.id] || session.answers[item.id].reply === null);
  return question(session, first < 0 ? items.length : first);
}

function clock(session) {
  const left = Date.parse(session.deadline) - Date.parse(session.server_time);
  return session.deadline ? [text("You have until " + moment(Date.now() + left) + ".", "hint")] : [];
}

// What the answer is given with, and how it is read: null where there is none.
function control(item, reply) {
  const form = item.form;
  const choices = (type, labels, chosen) => labels.map((label, place) => {
    const box = el("input", { type, name: "choice", value: String(place + 1), checked: chosen.includes(place + 1) });
    return el("label", { className: "choice" }, box, " " + label);
  });
  const ticked = (nodes) => nodes.map((node) => node.firstChild).filter((box) => box.checked).map((box) => Number(box.value));
  switch (form.answer) {
    case "agree": {
      const ends = form.labels.length === 2 && form.steps !== 2;
      const label = (step) => {
        if (!ends) return form.labels[step - 1] || String(step);
        return step === 1 ? "1 – " + form.labels[0] : step === form.steps ? step + " – " + form.labels[1] : String(step);
      };
      const nodes = choices("radio", Array.from({ length: form.steps }, (_, place) => label(place + 1)), [reply && reply.step]);
      return { nodes, read: () => { const [step] = ticked(nodes); return step ? { step } : null; } };
    }
    case "single-choice": {
      const nodes = choices("radio", form.options, [reply && reply.option]);
      return { nodes, read: () => { const [option] = ticked(nodes); return option ? { option } : null; } };
    }
    case "multiple-choice": {
      const nodes = choices("checkbox", form.options, (reply && reply.options) || []);
      const hint = text("Choose " + (form.least === form.most ? form.most : form.least + " to " + form.most) + ".", "hint");
      const noneCounts = item.required && form.least === 0;
      return { nodes: [hint, ...nodes], read: () => { const options = ticked(nodes); return options.length || noneCounts ? { options } : null; } };
    }
    case "number": {
      const node = el("input", { type: "number", min: form.min, max: form.max, step: String(10 ** -form.decimals), value: reply ? String(reply.number) : "" });
      const unit = form.unit ? [text(form.unit, "hint")] : [];
      return { nodes: [node, ...unit], read: () => (node.value === "" ? null : { number: Number(node.value) }) };
    }
    default: {
      const node = el("textarea", { rows: 6, maxLength: form.max_length, value: (reply && reply.text) || "" });
      return { nodes: [node], read: () => (node.value.trim() ? { text: node.value } : null) };
    }
  }
}

// Where the session is by now, for whoever went on with it on another device.
const current = (session) => call("GET", "v1/interview-sessions/" + session.id);

// Whether another device went on meanwhile, so that what was sent from here came out of turn.
const overtaken = (refused) => refused instanceof Refused && [
  "assessment.sequence_reused", "assessment.turn_out_of_order", "assessment.event_not_allowed", "assessment.no_interview",
].includes(refused.problem.code);

// Saves an answer. The newest of one person counts: where another device answered meanwhile, this one takes the place of
// it, and both times are told.
async function save(session, item, reply) {
  const put = (sequence) =>
    call("PUT", "v1/interview-sessions/" + session.id + "/answers/" + item.id, { sequence, reply });
  const known = session.answers[item.id];
  let sequence = known ? known.sequence + 1 : 1;
  let outcome = "superseded";
  try {
    outcome = (await put(sequence)).outcome;
  } catch (refused) {
    if (!overtaken(refused) || refused.problem.code !== "assessment.sequence_reused") throw refused;
  }
  if (outcome !== "superseded") {
    session.answers[item.id] = { sequence, reply };
    return;
  }
  const other = (await current(session)).answers[item.id];
  sequence = other.sequence + 1;
  await put(sequence);
  // With whatever else was answered there.
  session.answers = (await current(session)).answers;
  if (JSON.stringify(other.reply) !== JSON.stringify(reply)) {
    const number = session.questionnaire.items.indexOf(item) + 1;
    say("You answered question " + number + " on another device at " + time(other.answered_at) + ". What you answered here at " +
      time(session.answers[item.id].answered_at) + " is newer and counts.");
  }
}

// The day is told where it is not this one.
function time(at) {
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  return isToday ? new Date(at).toLocaleTimeString() : moment(at);
}

// Does something in a session. Where another device was faster, or the time ran out, shows where the session is by now;
// what was written for the interview stays there to be sent.
async function go(session, work, words) {
  try {
    await work();
  } catch (refused) {
    if (!overtaken(refused)) throw refused;
    const now = await current(session);
    if (words && now.status === "in_progress") speak(now, words); else take(now);
    const isLate = now.deadline && Date.parse(now.server_time) >= Date.parse(now.deadline);
    if (isLate) say("Your time was over before this was sent.");
    else if (now.status !== "voided") say("You went on with this on another device. This is where it stands.");
  }
}

function question(session, place) {
  const items = session.questionnaire.items;
  if (place >= items.length) return speak(session);
  const item = items[place];
  const known = session.answers[item.id];
  const { nodes, read } = control(item, known && known.reply);
  const part = session.questionnaire.parts.find((one) => one.id === item.part);
  const before = place === 0 && session.questionnaire.instructions ? [text(session.questionnaire.instructions, "prose")] : [];
  const on = (to) => go(session, async () => {
    const reply = read();
    const old = (known && known.reply) || null;
    if (JSON.stringify(reply) !== JSON.stringify(old)) await save(session, item, reply);
    const said = $("said").textContent;
    question(session, to);
    say(said);
  });
  const steps = [button("Next", async () => {
    if (item.required && !read()) throw new Refused({}, "Please answer this question; it is needed.");
    await on(place + 1);
  })];
  if (place > 0) steps.push(button("Back", () => on(place - 1), "quiet"));
  show(session.name, ...clock(session), ...before,
    text((part ? part.name + " · " : "") + "Question " + (place + 1) + " of " + items.length, "hint"),
    el("fieldset", {}, el("legend", { textContent: item.text, className: "prose" }), ...nodes), ...steps);
}

function speak(session, words) {
  const turns = session.interview.turns;
  if (!session.interview.goes_on) return finish(session);
  const node = el("textarea", { rows: 6, maxLength: 10000, id: "words", value: words || "" });
  show(session.name, ...clock(session),
    ...turns.map((turn) => text(turn.text, turn.by === "person" ? "prose mine" : "prose")),
    el("label", { htmlFor: "words", textContent: "Your answer" }), node,
    button("Send", async () => {
      if (!node.value.trim()) throw new Refused({}, "Write something first.");
      await go(session, async () => {
        await call("POST", "v1/interview-sessions/" + session.id + "/turns", { number: turns.length + 1, text: node.value });
        speak(await current(session));
      }, node.value);
    }));
}

function finish(session) {
  const last = session.interview.turns.at(-1);
  const closing = last && last.by === "interviewer" ? [text(last.text, "prose")] : [];
  show(session.name, ...clock(session), ...closing, text("That was all. Once you hand it in, nothing can be changed any more."),
    button("Hand it in", () => go(session, async () =>
      over(await call("POST", "v1/interview-sessions/" + session.id + "/submit")))),
    ...(session.questionnaire.items.length ? [button("Look at my answers again", async () => question(session, 0), "quiet")] : []));
}

function over(session) {
  const ends = {
    abandoned: "Your time is over, and what you answered does not count. Ask whoever invited you.",
    voided: "This does not count any more. Ask whoever invited you.",
    released: "Thank you. Your result is there.",
  };
  const waits = "Thank you, you are done. You are told once your result may be seen.";
  const look = session.status === "released" ? [button("Look at my result", async () => {
    for (let after = ""; after !== null;) {
      const page = await call("GET", "v1/me/results?limit=100" + (after && "&after=" + encodeURIComponent(after)));
      const found = page.items.find((one) => one.assignment_id === session.assignment_id);
      if (found) return reveal(found.id);
      after = page.next;
    }
    throw new Refused({}, "Your result is not there yet.");
  })] : [];
  show(session.name, text(ends[session.status] || waits), ...look, ...ownData());
}

async function reveal(id) {
  const result = await call("GET", "v1/me/results/" + encodeURIComponent(id));
  const { category, dimensions = [], overallScore } = result.disclosed;
  const rows = dimensions.map((one) => el("tr", {},
    el("td", { textContent: one.name }), el("td", { textContent: one.score === null ? "–" : String(one.score) })));
  show(result.assessment_name,
    text("For " + result.organization_name + ", “" + result.title + "”."),
    ...(category ? [el("h2", { textContent: category.name }), text(category.description || "", "prose")] : []),
    ...(overallScore === undefined || overallScore === null ? [] : [text("Overall: " + overallScore)]),
    ...(rows.length ? [el("table", {}, el("tbody", {}, ...rows))] : []),
    ...(category || rows.length ? [] : [text("Thank you for taking part. The organisation keeps the result to itself.")]));
}

// Another link in the same tab.
addEventListener("hashchange", () => location.reload());
if (fragment.get("token")) {
  keep({ token: fragment.get("token"), pass: null, result: null, assignment: null });
} else if (fragment.get("result")) {
  keep({ token: null, pass: null, result: fragment.get("result"), assignment: null });
} else if (fragment.get("assignment")) {
  keep({ token: null, pass: null, result: null, assignment: fragment.get("assignment") });
} else {
  recall();
}
if (kept.token) {
  attempt(open);
} else if (kept.assignment) {
  signIn("Sign in to take the assessment.", () => mine(kept.assignment));
} else if (kept.result) {
  signIn("Sign in to look at your result.", () => reveal(kept.result));
} else {
  say("This link is incomplete. Open it from the mail again, as a whole.", {});
}
