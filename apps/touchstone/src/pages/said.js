// What pages say to people where the API says no. The API's own words are for those who write clients.
"use strict";

const AGAIN = "Something went wrong. Try again; if it stays so, tell whoever sent you here the number of the request.";
const SENTENCES = {
  "assessment.account_erases": "This belongs to your account. Sign in there to export or erase what is kept of you.",
  "assessment.answer_invalid": "This answer does not fit the question. Change it and try again.",
  "assessment.closed": "This is over, and nobody begins any more. Ask whoever invited you.",
  "assessment.event_not_allowed": "This is over, or goes on elsewhere. Load the page again to see how far you are.",
  "assessment.incomplete": "Some questions need an answer and have none. Look at your answers again.",
  "assessment.invalid_invitation": "This link does not work. Open it from the mail again, as a whole, or ask whoever invited you. What it led to may have been deleted.",
  "assessment.link_expired": "The time in which your result could be seen here is over. Register with your address to see it, or ask whoever invited you.",
  "assessment.link_replaced": "A newer mail was sent to you since. Open the link in that one.",
  "assessment.no_interview": "The interview is over. Load the page again to go on.",
  "assessment.not_found": "This is not there, or not for you to see. Open the link in your mail again.",
  "assessment.not_yet": "This has not begun yet. Come back when it does.",
  "assessment.person_needed": "A program cannot do this for you. Open the link in your mail.",
  "assessment.sequence_reused": "You answered this on another device in the same moment. Try again.",
  "assessment.sign_in_needed": "This belongs to your account. Sign in to go on.",
  "assessment.turn_invalid": "Write something, at most 10,000 characters.",
  "assessment.turn_out_of_order": "The interview has gone on elsewhere. Load the page again to see it.",
  "assessment.withdrawn": "This invitation was taken back. Ask whoever invited you.",
  "identity.address_banned": "Too many sign-ins failed from your network. Wait some minutes and try again.",
  "identity.already_member": "You are a member already.",
  "identity.invalid_one_time_token": "This link does not work. Open it from the mail again, as a whole, or ask for a new one.",
  "identity.invalid_token": "You are signed out. Load the page again and sign in.",
  "identity.invitation_of_another": "This invitation is for another address. Sign in with the address the mail was sent to.",
  "identity.link_expired": "This link has expired. Ask for a new one.",
  "identity.link_replaced": "A newer mail was sent to you since. Open the link in that one.",
  "identity.link_used": "This link was used already.",
  "identity.link_withdrawn": "This invitation was taken back. Ask whoever invited you.",
  "identity.password_change_needed": "Your password is temporary. Change it before anything else.",
  "identity.password_common": "Many people use this password, and it has leaked. Choose another.",
  "identity.password_guessable": "This password can be guessed. A few unrelated words make a good one.",
  "identity.password_predictable": "This password holds your name, your address or words of this place. Choose another.",
  "identity.password_temporary": "This is the temporary password. Choose another.",
  "identity.password_too_long": "This password is too long. Take 128 characters or fewer.",
  "identity.password_too_short": "This password is too short. Add some words.",
  "identity.person_needed": "A program cannot do this for you. Sign in yourself.",
  "identity.second_factor_needed": "This needs a second factor. Set one up, sign in with it, and open the link again.",
  "identity.second_factor_required": "Enter the code of your second factor as well.",
  "identity.wrong_credentials": "Address, password or code do not fit, or too many attempts were made. Wait a moment and try again.",
  "notification.invalid_link": "This link does not work. Open it from the mail again, as a whole.",
  "request.rate_limited": "Too many requests came from your network. Wait a minute and try again.",
  "request.not_found": "This is not there, or not for you to see. Open the link in your mail again.",
  "request.unauthenticated": "Your time on this page is over. Open the link in your mail again.",
  "service.busy": "Very many people are here just now. Try again in a moment.",
  "service.unavailable": "The service is not there just now. Try again in a moment.",
};

class Refused extends Error {
  constructor(problem, words) {
    super(words || SENTENCES[problem.code] || AGAIN);
    this.problem = problem;
  }
}

// What to say of what was thrown: of a mistake of the page itself no more than that it was one.
const sorry = (thrown) => (thrown instanceof Refused ? [thrown.message, thrown.problem] : [AGAIN, {}]);

// The answer of the API as an object; what it refuses, as a sentence.
async function ask(method, path, body, bearer) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (bearer) headers.Authorization = "Bearer " + bearer;
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
  } catch {
    throw new Refused({}, "The server cannot be reached. Check your connection and try again.");
  }
  const text = await answer.text();
  let said = {};
  try { said = text ? JSON.parse(text) : {}; } catch { /* an answer that is no JSON says nothing */ }
  if (!answer.ok) throw new Refused({ ...said, status: answer.status });
  return said;
}
