// Sends the one-time token of a mailed link to the API and shows what it answers.
"use strict";

const fragment = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, "", location.pathname + location.search);
// Mails about notifications have tokens of their own.
const notifications = fragment.get("notifications");
const token = notifications || fragment.get("token");
const $ = (id) => document.getElementById(id);
const form = document.querySelector("form");
const button = form.querySelector("button");

const post = (path, body, access) => ask("POST", path, body, access);

function say(words, problem) {
  const line = (text, name) => Object.assign(document.createElement("p"), { textContent: text, className: name || "" });
  const box = $("said");
  box.className = problem ? "bad" : "";
  box.replaceChildren(line(words));
  if (problem && problem.request_id) box.append(line("Request " + problem.request_id, "id"));
  box.focus();
}

function done(text) {
  form.remove();
  say(text);
}

// What a link says that did its work before.
const USED = {
  verify: "Your address is confirmed already. You can sign in.",
  reset: "This link was used already. Sign in with your new password, or ask for another link.",
  invitation: "This invitation was answered already.",
};

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
        say(refused.message);
        $("code").focus();
        return;
      }
      throw refused;
    }
    try {
      await post("v1/invitations/accept", { token }, access);
    } finally {
      // The session served this one purpose.
      post("v1/auth/logout", undefined, access).catch(() => {});
    }
    done("You have joined the organisation.");
  },
  // The button takes back what it did.
  async unsubscribe() {
    const place = (notifications ? "v1/notifications/unsubscribe?token=" : "v1/unsubscribe?token=") + encodeURIComponent(token);
    const back = button.dataset.back;
    const { organization } = await ask(back ? "DELETE" : "POST", place);
    const [what, them] = notifications ? ["mails like this", "them"] : ["mail from " + organization, "mail from them"];
    button.dataset.back = back ? "" : "yes";
    button.textContent = back ? "Unsubscribe" : "I want " + them + " again";
    say(back ? "You get " + what + " again." : "You get no more " + what + ".");
  },
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  const page = document.body.dataset.page;
  try {
    await pages[page]();
  } catch (refused) {
    if (refused instanceof Refused && refused.problem.code === "identity.link_used") done(USED[page]);
    else say(...sorry(refused));
  } finally {
    button.disabled = false;
  }
});

if (notifications && $("notifications")) {
  $("organization").hidden = true;
  $("notifications").hidden = false;
}
if ($("show")) {
  $("show").addEventListener("change", () => { $("password").type = $("show").checked ? "text" : "password"; });
}
// Another link in the same tab.
addEventListener("hashchange", () => location.reload());
if (!token) {
  form.hidden = true;
  say("This link is incomplete. Open it from the mail again, as a whole.", {});
}
