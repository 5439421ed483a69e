"""Goes through the pages that letters lead to in a browser: `just check-pages`, or python3 tests/browser/pages.py.

Starts the program that `cargo build` made as tests/api/check.py does, invites people, and does what they would do with
their letters on two devices: a computer and a phone, each a Chromium of its own. Ends with 1 if a page does otherwise
than it should, and leaves pictures of both. Needs python3 with venv, PostgreSQL, Debian's chromium and chromium-driver,
and PyPI at the first run; with --where-possible it leaves the pages out where there is no browser.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/api"))
from check import TARGET, Server  # noqa: E402
from people import Person, join  # noqa: E402

SAID = dict(re.findall(r'^  "([a-z_.]+)": "(.+)",$', (ROOT / "apps/touchstone/src/pages/said.js").read_text(), re.M))


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--binary", type=pathlib.Path, default=TARGET / "debug/touchstone")
    options.add_argument("--where-possible", action="store_true", help="succeed where there is no browser")
    options.add_argument("--only", default="", help="a regular expression of names of visits")
    options = options.parse_args()
    if not options.binary.exists():
        sys.exit(f"{options.binary} is not there: run cargo build first, or name another with --binary")
    if missing := [program for program in ("chromium", "chromedriver") if not shutil.which(program)]:
        words = f"{' and '.join(missing)} cannot be found: install chromium and chromium-driver"
        if not options.where_possible:
            sys.exit(words)
        print(f"{words}. The pages are left out.")
        return
    enter_environment()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="touchstone-pages-"))
    folder.chmod(0o711)
    try:
        with Server(options.binary, folder) as server:
            sys.exit(visit(server, folder, options.only))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def enter_environment():
    """Goes on with Selenium, in an environment of its own, which is made anew when the list of versions changes."""
    place, versions = TARGET / "check-pages", HERE / "requirements.txt"
    if pathlib.Path(sys.prefix) == place:
        return
    installed = place / "requirements.txt"
    if not installed.exists() or installed.read_text() != versions.read_text():
        print(f"== installing Selenium into {place}", flush=True)
        shutil.rmtree(place, ignore_errors=True)
        try:
            subprocess.run([sys.executable, "-m", "venv", place], check=True)
            subprocess.run([place / "bin/pip", "install", "--quiet", "--requirement", versions], check=True)
        except subprocess.CalledProcessError as error:
            sys.exit(f"Selenium cannot be installed ({error}): it takes python3-venv and a way to PyPI")
        shutil.copy(versions, installed)
    os.execv(place / "bin/python", [place / "bin/python", __file__, *sys.argv[1:]])


class Wrong(Exception):
    """A page does otherwise than it should; the words say what a person sees."""


def expect(holds, words):
    if not holds:
        raise Wrong(words)


# Writes down what the API answers to the page, which the page itself does not show.
LISTEN = """
window.answers = [];
const real = window.fetch;
window.fetch = async (path, call) => {
  const answer = await real(path, call);
  const problem = answer.ok ? {} : await answer.clone().json().catch(() => ({}));
  window.answers.push({ path, method: call.method, status: answer.status, code: problem.code, detail: problem.detail });
  return answer;
};
"""


class Device:
    """A browser with a profile of its own."""

    def __init__(self, name, folder, phone=False):
        from selenium import webdriver

        self.name, self.downloads, self.phone, self.answers = name, folder / name, phone, []
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for flag in ["headless=new", "no-sandbox", "disable-dev-shm-usage", "disable-gpu", "window-size=1280,900"]:
            options.add_argument(f"--{flag}")
        if phone:
            metrics = {"width": 360, "height": 740, "pixelRatio": 2.0, "mobile": True, "touch": True}
            options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
        options.add_experimental_option("prefs", {"download.default_directory": str(self.downloads)})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options, service)
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": LISTEN})

    def open(self, url):
        """In a new tab, so that nothing is left of what was open before."""
        old = self.driver.current_window_handle
        self.driver.switch_to.new_window("tab")
        new = self.driver.current_window_handle
        self.driver.switch_to.window(old)
        self.driver.close()
        self.driver.switch_to.window(new)
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": LISTEN})
        self.driver.get(url)

    def reload(self):
        self.driver.refresh()

    def text(self):
        return self.driver.execute_script("return document.body ? document.body.innerText : ''")

    def said(self):
        return self.driver.execute_script("return document.getElementById('said').innerText")

    def see(self, words, why):
        """Waits until the page shows the words, and looks at what no page may show or do."""
        self.wait(lambda: words in self.text(), f"{why}: “{words}”")
        self.inspect()

    def wait(self, holds, why):
        deadline = time.monotonic() + 10
        while not holds():
            expect(time.monotonic() < deadline, f"{why}. The {self.name} shows:\n{self.text()}")
            time.sleep(0.05)

    def inspect(self):
        text = self.text()
        self.answers += self.driver.execute_script("return window.answers.splice(0)")
        for answer in self.answers:
            detail = answer.get("detail")
            expect(not detail or detail not in text, f"the {self.name} shows the API's own words: {detail}")
        for leak in ["token=", "result="]:
            expect(leak not in self.driver.current_url, f"the {self.name} has the link's code in its address bar")
        for entry in self.driver.get_log("browser"):
            refused = entry["source"] == "network" and "the server responded with a status of 4" in entry["message"]
            expect(refused or entry["level"] in ("INFO", "DEBUG"), f"the {self.name} complains: {entry['message']}")
        wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        expect(self.driver.execute_script(wide) <= 0, f"the {self.name} has to be scrolled sideways:\n{text}")

    def element(self, what, script, *arguments):
        found = []
        look = lambda: found.append(self.driver.execute_script(script, *arguments)) or found[-1]
        self.wait(look, f"there is no {what}")
        return found[-1]

    def press(self, label):
        """Presses a button, as soon as it can be."""
        find = "const all = [...document.querySelectorAll('button, summary')];"
        find += "return all.find((one) => one.textContent === arguments[0] && !one.disabled)"
        self.element(f"button “{label}”", find, label).click()

    def choose(self, *places):
        """Chooses these of what there is to choose from, and nothing else."""
        for place, box in enumerate(self.element("choice", "return document.querySelectorAll('[name=choice]')"), 1):
            if box.is_selected() != (place in places) and (place in places or box.get_attribute("type") == "checkbox"):
                box.click()

    def chosen(self):
        find = "const all = [...document.querySelectorAll('[name=choice]')];"
        return self.driver.execute_script(find + "return all.flatMap((one, place) => one.checked ? [place + 1] : [])")

    def write(self, words, field="textarea"):
        field = self.element(field, "return document.querySelector(arguments[0])", field)
        field.clear()
        field.send_keys(words)

    def written(self, field="textarea"):
        return self.element(field, "return document.querySelector(arguments[0])", field).get_property("value")

    def answer_to(self, ending):
        """What the API answered last to a call of this path."""
        found = lambda: self.inspect() or [one for one in self.answers if one["path"].endswith(ending)]
        self.wait(found, f"nothing called {ending}")
        return found()[-1]


def assessment(name, interview=False):
    """Two statements, a free text and a choice; with an interview if wanted, and then none may be chosen."""
    talk = "## Interview guidelines\n\n### Ask about Focus\n\n- Tell me about a thing you finished.\n"
    talk += "- And about one you did not finish.\n\n### Closing\n\nThank you for the talk.\n\n"
    return f"""---
schema: assessment/1
name: {name}
version: "1.0"
type: multi-dimensional
scale: {{ min: 1, max: 5 }}
result_disclosure: full
time_limit_minutes: 60
answer: agree-5
---

# {name}

## Dimensions

### Focus

- weight: 50%

Stays with a thing.

### Reach

- weight: 50%

Sees the next thing.

## Result categories

### Ready

- when: overall >= 4

Go ahead.

### Growing

- default: true

Take your time.

{talk if interview else ""}## Items

1. I finish what I begin.
   - id: i1
   - measures: focus
2. What comes next surprises me.
   - id: i2
   - measures: reach (reversed)
3. What would you add?
   - id: i3
   - answer: text
   - required: false
4. What do you learn from?
   - id: i4
   - answer: multiple-choice
   - choose: {0 if interview else 1}..2
   - [ ] Books
   - [ ] Courses
   - [ ] Colleagues
   - [ ] None of these
"""


class Venue:
    """An owner, what they ask people to take, and the two devices."""

    def __init__(self, server, folder):
        self.server, self.computer, self.phone = server, Device("computer", folder), Device("phone", folder, phone=True)
        self.owner = Person(server, "ann@example.org", server.password)
        self.owner.register()
        self.owner.sign_in()
        organization = self.owner.call("POST", "/v1/organizations", {"name": "North Wind"})["id"]
        self.within = f"/v1/organizations/{organization}"
        self.readiness = self.campaign("Readiness")

    def devices(self):
        return self.computer, self.phone

    def campaign(self, name, **how):
        """An active campaign with an assessment of this name; where it is."""
        collection = f"{self.within}/custom-assessments"
        source = assessment(name, **how).encode()
        written = self.owner.call("POST", collection, source, Content_Type="text/markdown")["id"]
        for step in ("publish", "activate"):
            self.owner.call("POST", f"{collection}/{written}/{step}")
        new = {"name": f"{name} in spring", "assessment_type": "custom", "custom_assessment_id": written}
        made = self.owner.call("POST", f"{self.within}/campaigns", new)
        campaign = f"{self.within}/campaigns/{made['id']}"
        self.owner.call("POST", f"{campaign}/activate")
        return campaign

    def invite(self, name, campaign=None):
        """Somebody without an account who was asked, and where the assignment is."""
        campaign, guest = campaign or self.readiness, Person(self.server, f"{name}@example.net", None)
        asked = self.owner.call("POST", f"{campaign}/assignments", {"people": [{"email": guest.email}]})
        return guest, f"{campaign}/assignments/{asked['items'][0]['id']}"

    def take_back(self, assignment, why=""):
        version = self.owner.call("GET", assignment)["version"]
        self.owner.call("DELETE", assignment + why, If_Match=f'"{version}"')

    def link(self, guest, kind="campaign-invitation"):
        return f"{self.server.url}/assessment#token={guest.letter(kind)}"

    def kept(self, guest):
        """What the server has as the person's answers, by item."""
        guest.token = None
        opened = guest.call("POST", "/v1/assignments/open", {"token": guest.letter("campaign-invitation")})
        guest.token = opened["pass"]
        session = guest.call("GET", f"/v1/interview-sessions/{opened['assignment']['session_id']}")
        return {item: answer["reply"] for item, answer in session["answers"].items()}


def begin(device, link):
    device.open(link)
    device.see("North Wind asks you", "the letter's link does not say who asks for what")
    device.press("Begin")
    device.see("Question 1 of 4", "no question comes after Begin")


def begins_and_goes_on_after_a_reload(venue):
    guest, _ = venue.invite("cleo")
    computer = venue.computer
    begin(computer, venue.link(guest))
    computer.press("Next")
    computer.see("Please answer this question", "a question that must be answered can be passed without a word")
    computer.choose(4)
    computer.press("Next")
    computer.see("Question 2 of 4", "the second question does not come")
    computer.reload()
    computer.see("Question 2 of 4", "after a reload the person is not where they were")
    computer.press("Back")
    computer.see("Question 1 of 4", "there is no way back after a reload")
    expect(computer.chosen() == [4], f"after a reload the answer is {computer.chosen()} in place of the fourth step")
    # A pass that has run out, as one would have overnight.
    computer.driver.execute_script("const name = 'touchstone.assessment', kept = JSON.parse(sessionStorage[name]);"
                                   "sessionStorage[name] = JSON.stringify({ ...kept, pass: kept.pass.slice(0, -9) })")
    computer.reload()
    computer.see("Question 2 of 4", "a reload after the pass ran out does not go on")
    # Pasted into the tab that is open: only what stands behind the # changes.
    computer.driver.get(venue.link(guest))
    computer.see("Go on", "the link pasted into the open tab opens nothing")
    computer.press("Go on")
    computer.see("Question 2 of 4", "Go on leads elsewhere than to the first open question")


def tells_both_times_where_two_devices_answer_otherwise(venue):
    guest, _ = venue.invite("dana")
    computer, phone = venue.devices()
    begin(computer, venue.link(guest))
    answer_first(computer, 4)
    phone.open(venue.link(guest))
    phone.see("Go on", "the second device cannot go on")
    phone.press("Go on")
    phone.see("Question 2 of 4", "the second device is not led to where the first one is")
    expect("another device" not in phone.text(), "a device that is merely the second one is told of a conflict")

    # What was not seen of the other device has taken the number that this one sends, and at last a larger one.
    steps = [(phone, 2, False), (computer, 5, True), (phone, 1, True)]
    for device, step, told in [*steps, (phone, 3, False), (phone, 2, False), (computer, 4, True)]:
        device.press("Back")
        device.see("Question 1 of 4", "there is no way back")
        answer_first(device, step)
        said = device.said()
        where = f"after step {step} on the {device.name}"
        does = "question 1 on another device" in said
        expect(does == told, f"{where} a conflict is {'not ' if told else ''}told: “{said}”")
        times = re.findall(r"\d+:\d\d:\d\d", said)
        expect(len(times) == (2 if told else 0), f"{where} not both times are told: “{said}”")
        kept = venue.kept(guest)["i1"]
        expect(kept == {"step": step}, f"{where} the server keeps {kept}: the newest does not win")
    # Both say the same: no reason to say anything.
    phone.press("Back")
    phone.see("Question 1 of 4", "there is no way back")
    answer_first(phone, 4)
    expect(phone.said() == "", f"two equal answers are told as a conflict: “{phone.said()}”")


def answer_first(device, step):
    device.choose(step)
    device.press("Next")
    device.see("Question 2 of 4", "the page is stuck at the first question")


def answer_rest(device, words):
    device.choose(1)
    device.press("Next")
    device.see("What would you add?", "the third question does not come")
    device.write(words)
    device.press("Next")
    device.see("Choose 1 to 2.", "the fourth question does not come")
    device.choose(1, 3)
    device.press("Next")
    device.see("Once you hand it in", "the end does not come")


def shows_the_end_where_another_device_hands_it_in(venue):
    guest, _ = venue.invite("eli")
    computer, phone = venue.devices()
    begin(computer, venue.link(guest))
    answer_first(computer, 5)
    phone.open(venue.link(guest))
    phone.press("Go on")
    phone.see("Question 2 of 4", "the second device is not led to where the first one is")
    answer_rest(phone, "Nothing — “all” was asked.")
    phone.press("Hand it in")
    phone.see("Thank you", "handing it in ends in nothing")
    computer.choose(3)
    computer.press("Next")
    computer.see("on another device", "nothing tells that the other device handed it in")
    computer.see("Thank you", "the page is stuck where the other device handed it in")
    expect("Question" not in computer.text(), f"questions are shown after the end:\n{computer.text()}")
    kept = venue.kept(guest)
    whole = {"i1": {"step": 5}, "i2": {"step": 1}, "i3": {"text": "Nothing — “all” was asked."}}
    expect(kept == whole | {"i4": {"options": [1, 3]}}, f"the server keeps {kept}")
    computer.reload()
    computer.see("Thank you", "a reload after the end does not show the end")


def hands_in_and_shows_the_result_by_its_letter(venue):
    guest, _ = venue.invite("fay")
    computer, phone = venue.devices()
    begin(phone, venue.link(guest))
    answer_first(phone, 5)
    answer_rest(phone, "More time.")
    phone.press("Look at my answers again")
    phone.see("Question 1 of 4", "the answers cannot be looked at again")
    expect(phone.chosen() == [5], "the answers that are looked at again are others")
    for _ in range(4):
        phone.press("Next")
        time.sleep(0.1)
    phone.press("Hand it in")
    phone.press("Look at my result")
    see_result(phone)
    phone.reload()
    phone.press("Look at my result")
    see_result(phone)

    computer.open(venue.link(guest, "result-released"))
    computer.see("Your result is there", "the letter about the result does not lead to it")
    expect("asks you to take" not in computer.text(), f"who is done is asked to take it:\n{computer.text()}")
    computer.press("Look at my result")
    see_result(computer)
    take_own_data(venue, guest)


def see_result(device):
    device.see("Go ahead.", "the result does not say what its category means")
    for words in ["Ready", "Focus", "Reach", "Overall: 5", "North Wind"]:
        device.see(words, "the result lacks something")


def take_own_data(venue, guest):
    computer = venue.computer
    computer.open(venue.link(guest, "result-released"))
    computer.press("My data")
    computer.press("Download what is kept of me")
    file = computer.downloads / "my-data.json"
    computer.wait(file.exists, "nothing is downloaded")
    data = json.loads(file.read_text())
    expect(data["email"] == guest.email, f"the download is of {data['email']}")
    expect("More time." in file.read_text(), "the answers are missing in the download")
    computer.press("Delete what is kept of me")
    computer.see("Press the button again if you are sure", "it is deleted at the first press")
    venue.kept(guest)
    computer.press("Yes, delete it all")
    computer.see("What was kept of you is deleted.", "nothing says that it is deleted")
    computer.open(venue.link(guest, "result-released"))
    computer.see(SAID["assessment.invalid_invitation"], "the link of who was deleted says something else")


def goes_on_in_an_interview_on_two_devices(venue):
    guest, _ = venue.invite("gil", venue.campaign("Talking", interview=True))
    computer, phone = venue.devices()
    begin(computer, venue.link(guest))
    answer_first(computer, 3)
    answers = [lambda: computer.choose(2), lambda: computer.write("None."), lambda: computer.choose()]
    for place, answer in enumerate(answers, 2):
        computer.see(f"Question {place} of 4", "a question does not come")
        answer()
        computer.press("Next")
    computer.see("Tell me about a thing you finished.", "the interview does not begin")
    phone.open(venue.link(guest))
    phone.press("Go on")
    phone.see("Tell me about a thing you finished.", "the second device is not led into the interview")
    phone.write("A bridge.")
    phone.press("Send")
    phone.see("And about one you did not finish.", "the interview does not go on")
    computer.write("A long story of a boat.")
    computer.press("Send")
    computer.see("on another device", "nothing tells that the interview went on elsewhere")
    computer.see("And about one you did not finish.", "the interview is stuck")
    expect(computer.written() == "A long story of a boat.", "what was written meanwhile is lost")
    computer.press("Send")
    computer.see("Thank you for the talk.", "the interview does not end")
    phone.reload()
    phone.see("Thank you for the talk.", "after a reload the interview is not where it is")
    phone.press("Hand it in")
    phone.see("Thank you", "handing it in ends in nothing")
    computer.press("Hand it in")
    computer.see("Thank you, you are done", "handing it in twice is stuck")


def asks_who_has_an_account_to_sign_in(venue):
    member = join(venue.owner, venue.within, "hal@example.org")
    people = {"people": [{"account_id": member.call("GET", "/v1/me")["id"]}]}
    venue.owner.call("POST", f"{venue.readiness}/assignments", people)
    phone = venue.phone
    phone.open(venue.link(member))
    wrong = ("not-the-password-at-all", SAID["identity.wrong_credentials"])
    for password, words in [wrong, (member.password, "North Wind asks you")]:
        phone.see("Sign in", "nobody asks for the account")
        phone.write(member.email, "#email")
        phone.write(password, "#password")
        phone.press("Sign in")
        phone.see(words, "signing in says something else")
    phone.press("Begin")
    phone.see("Question 1 of 4", "no question comes after Begin")
    answer_first(phone, 2)
    phone.reload()
    phone.see("Sign in", "a reload leads elsewhere than to signing in again")


def says_sentences_for_links_that_open_nothing(venue):
    computer, phone = venue.devices()
    guest, assignment = venue.invite("ida")
    begin(phone, venue.link(guest))
    gone, assignment_of_gone = venue.invite("jon")
    link = venue.link(gone)
    venue.take_back(assignment_of_gone)
    computer.open(link)
    computer.see(SAID["assessment.withdrawn"], "an invitation that was taken back says something else")
    venue.take_back(assignment, "?reason=mistake")
    phone.choose(1)
    phone.press("Next")
    phone.see("This does not count any more.", "nothing is said where it was taken back meanwhile")
    expect("another device" not in phone.text(), "what the organisation did is told as another device's")

    campaign = venue.campaign("Over")
    late, _ = venue.invite("kim", campaign)
    link = venue.link(late)
    venue.owner.call("POST", f"{campaign}/close")
    computer.open(link)
    computer.see(SAID["assessment.closed"], "a closed campaign says something else")

    for path in ["assessment", "invitation", "reset", "verify"]:
        computer.open(f"{venue.server.url}/{path}")
        computer.see("This link is incomplete.", f"/{path} without a code says something else")
    for mangled in [link[:-5], link[:-3] + ("AAA" if link[-3:] != "AAA" else "BBB"), link.split("=")[0] + "=x%20%00~é"]:
        computer.open(mangled)
        computer.see(SAID["assessment.invalid_invitation"], "a mangled link says something else")


def confirms_an_address_and_sets_a_password(venue):
    computer, phone = venue.devices()
    lea = Person(venue.server, "lea@example.net", venue.server.password)
    lea.call("POST", "/v1/auth/register", {"email": lea.email, "password": lea.password})
    link = f"{venue.server.url}/verify#token={lea.letter('verify-email')}"
    phone.open(link)
    phone.press("Confirm my address")
    phone.see("Your address is confirmed. You can sign in now.", "confirming says something else")
    computer.open(link)
    computer.press("Confirm my address")
    computer.see("Your address is confirmed already. You can sign in.", "the second press says something else")
    computer.open(link[:-4])
    computer.press("Confirm my address")
    computer.see(SAID["identity.invalid_one_time_token"], "a mangled link says something else")

    lea.call("POST", "/v1/auth/forgot-password", {"email": lea.email})
    link = f"{venue.server.url}/reset#token={lea.letter('reset-password')}"
    phone.open(link)
    for password, code in [("short", "too_short"), ("passwordpassword", None), ("lea@example.net lea", None)]:
        phone.write(password, "#password")
        phone.answers.clear()
        phone.press("Set the password")
        if code:
            phone.see(SAID[f"identity.password_{code}"], "a short password says something else")
        answer = phone.answer_to("v1/auth/reset-password")
        refused = answer.get("code") or str(answer["status"])
        expect(refused.startswith("identity.password_"), f"the password “{password}” is answered with {refused}")
        phone.see(SAID[refused], f"the password “{password}” says something else")
    lea.password = "harbour velvet ninety tractor"
    phone.write(lea.password, "#password")
    phone.press("Set the password")
    phone.see("Your password is set. Sign in with it.", "setting a password says something else")
    lea.sign_in()
    computer.open(link)
    computer.write("another harbour velvet tractor", "#password")
    computer.press("Set the password")
    computer.see("This link was used already.", "the second press says something else")


def accepts_an_invitation_and_signs_out(venue):
    computer, phone = venue.devices()
    mia, other = (Person(venue.server, f"{name}@example.net", venue.server.password) for name in ("mia", "ned"))
    for person in (mia, other):
        person.register()
    venue.owner.call("POST", f"{venue.within}/invitations", {"email": mia.email, "roles": ["member"]})
    link = f"{venue.server.url}/invitation#token={mia.letter('invitation')}"

    def sign_in(device, person, password=None):
        device.open(link)
        device.write(person.email, "#email")
        device.write(password or person.password, "#password")
        device.press("Sign in and accept")

    sign_in(computer, mia, "not-the-password-at-all")
    computer.see(SAID["identity.wrong_credentials"], "a wrong password says something else")
    sign_in(computer, other)
    computer.see(SAID["identity.invitation_of_another"], "somebody else's invitation says something else")
    sign_in(phone, mia)
    phone.see("You have joined the organisation.", "accepting says something else")
    for device in (phone, computer):
        status = device.answer_to("v1/auth/logout")["status"]
        expect(status == 204, f"signing out on the {device.name} fails with {status}")
    mia.sign_in()
    sessions = mia.call("GET", "/v1/me/sessions")["items"]
    expect(len(sessions) == 1, f"{len(sessions)} sessions are open: the page left its own")
    sign_in(computer, mia)
    computer.see("This invitation was answered already.", "the second press says something else")

    taken_back = venue.owner.call("POST", f"{venue.within}/invitations", {"email": other.email, "roles": ["member"]})
    link = f"{venue.server.url}/invitation#token={other.letter('invitation')}"
    venue.owner.call("DELETE", f"{venue.within}/invitations/{taken_back['id']}", If_Match='"1"')
    sign_in(computer, other)
    computer.see(SAID["identity.link_withdrawn"], "an invitation that was taken back says something else")


def unsubscribes_and_changes_their_mind(venue):
    computer, phone = venue.devices()
    guest, _ = venue.invite("ursula")
    token = guest.letter("campaign-invitation", r"/v1/unsubscribe\?token=([A-Za-z0-9_-]+)")
    for device in (computer, phone):
        device.open(f"{venue.server.url}/v1/unsubscribe?token={token}")
        device.press("Unsubscribe")
        device.see("You get no more mail from", "unsubscribing says something else")
        device.press("I want mail from them again")
        device.see("again.", "subscribing again says something else")
    computer.open(f"{venue.server.url}/unsubscribe#token={token[:-4]}")
    computer.press("Unsubscribe")
    computer.see(SAID["identity.invalid_one_time_token"], "a mangled link says something else")


VISITS = [
    begins_and_goes_on_after_a_reload,
    tells_both_times_where_two_devices_answer_otherwise,
    shows_the_end_where_another_device_hands_it_in,
    hands_in_and_shows_the_result_by_its_letter,
    goes_on_in_an_interview_on_two_devices,
    asks_who_has_an_account_to_sign_in,
    says_sentences_for_links_that_open_nothing,
    confirms_an_address_and_sets_a_password,
    accepts_an_invitation_and_signs_out,
    unsubscribes_and_changes_their_mind,
]


def visit(server, folder, only):
    """0 if every page did what it should."""
    venue, wrong = Venue(server, folder), 0
    try:
        for one in VISITS:
            name = one.__name__.replace("_", " ")
            if not re.search(only, name):
                continue
            began = time.monotonic()
            try:
                one(venue)
                print(f"{name}: ok, {time.monotonic() - began:.1f} s", flush=True)
            except Wrong as error:
                wrong += 1
                print(f"{name}: {error}", flush=True)
                picture(venue, one.__name__)
    finally:
        for device in venue.devices():
            device.driver.quit()
    return min(wrong, 1)


def picture(venue, name):
    """Leaves what both devices show, and clears what they said."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="touchstone-pictures-"))
    for device in venue.devices():
        device.driver.save_screenshot(str(place / f"{name}-{device.name}.png"))
        device.driver.get_log("browser")
        device.answers = []
    print(f"what they show is in {place}", flush=True)


if __name__ == "__main__":
    main()
