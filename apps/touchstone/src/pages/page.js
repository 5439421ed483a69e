// Sends the one-time token of a mailed link to the API and shows what it answers.
"use strict";

const fragment = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, "", location.pathname + location.search);
const token = fragment.get("token");
const $ = (id) => document.getElementById(id);
const form = document.querySelector("form");
const button = form.querySelector("button");

class Refused extends Error {
  constructor(problem) {
    super(problem.detail || "Something went wrong.");
    this.problem = problem;
  }
}

async function post(path, body, access) {
  const headers = { "Content-Type": "application/json" };
  if (access) headers.Authorization = "Bearer " + access;
  let answer;
  try {
    answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), cache: "no-store" });
  } catch {
    throw new Refused({ detail: "The server cannot be reached. Check your connection and try again." });
  }
  const text = await answer.text();
  let said = {};
  try { said = text ? JSON.parse(text) : {}; } catch { /* an answer that is no JSON says nothing */ }
  if (!answer.ok) throw new Refused(said);
  return said;
}

function say(text, problem) {
  const box = $("said");
  const line = (tag, words, name) => {
    const node = document.createElement(tag);
    node.textContent = words;
    if (name) node.className = name;
    return node;
  };
  box.className = problem ? "bad" : "";
  box.replaceChildren(line("p", text));
  const errors = (problem && problem.errors) || [];
  if (errors.length > 1) {
    const list = document.createElement("ul");
    list.append(...errors.map((error) => line("li", error.pointer.slice(1) + " " + error.detail)));
    box.append(list);
  }
  if (problem && problem.request_id) box.append(line("p", "Request " + problem.request_id, "id"));
  box.focus();
}

function done(text) {
  form.remove();
  say(text);
}

const pages = {
  async verify() {
    if (fragment.get("purpose") === "email-change") {
      await post("v1/me/email-change/confirm", { token });
      done("Your new address is confirmed. Use it the next time you sign in.");
    } else {
      await post("v1/auth/verify-email", { token });
      done("Your address is confirmed. You can sign in now.");
    }
  },
  async reset() {
    await post("v1/auth/reset-password", { token, new_password: $("password").value });
    done("Your password is set. Sign in with it.");
  },
  async invitation() {
    const login = { email: $("email").value, password: $("password").value };
    const code = $("code").value.replace(/\s/g, "");
    if (code) login[/^\d{6}$/.test(code) ? "totp_code" : "recovery_code"] = code;
    let access;
    try {
      access = (await post("v1/auth/login", login)).access_token;
    } catch (refused) {
      if (refused instanceof Refused && refused.problem.code === "identity.second_factor_required") {
        $("second").hidden = false;
        say("Enter the code of your second factor as well.");
        $("code").focus();
        return;
      }
      throw refused;
    }
    try {
      await post("v1/invitations/accept", { token }, access);
    } finally {
      // The session served this one purpose.
      fetch("v1/auth/logout", { method: "POST", headers: { Authorization: "Bearer " + access } }).catch(() => {});
    }
    done("You have joined the organisation.");
  },
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  try {
    await pages[document.body.dataset.page]();
  } catch (refused) {
    say(refused.message, refused.problem || {});
  } finally {
    button.disabled = false;
  }
});

if ($("show")) {
  $("show").addEventListener("change", () => { $("password").type = $("show").checked ? "text" : "password"; });
}
if (!token) {
  form.hidden = true;
  say("This link is incomplete. Open it from the mail again, as a whole.", {});
}
