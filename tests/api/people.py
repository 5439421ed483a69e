"""The people on whose behalf the API is checked, and what they have: made by the API itself."""

import base64
import hashlib
import hmac
import json
import pathlib
import re
import struct
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Person:
    """Somebody with an account; `places` holds the ids of what is theirs."""

    def __init__(self, server, email, password):
        self.server, self.email, self.password, self.token, self.places = server, email, password, None, {}

    def call(self, method, path, body=None, **headers):
        """The answer, which must be a success."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers.setdefault("Content-Type", "application/json")
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.server.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()}") from None

    def register(self):
        self.call("POST", "/v1/auth/register", {"email": self.email, "password": self.password})
        self.call("POST", "/v1/auth/verify-email", {"token": self.letter("verify-email")})

    def letter(self, kind, token=r"[#&]token=([A-Za-z0-9_-]{43,})"):
        """The token in the newest letter of the kind: that of its link, unless another is asked for."""
        folder, deadline = self.server.folder / "data/mail", time.monotonic() + 30
        while time.monotonic() < deadline:
            for letter in sorted(folder.glob(f"*{kind}*.eml"), reverse=True):
                text = letter.read_text()
                if f"To: {self.email}" in text:
                    return re.search(token, text)[1]
            time.sleep(0.1)
        raise SystemExit(f"no letter {kind} came for {self.email}")

    def sign_in(self, **proof):
        self.token = None
        login = {"email": self.email, "password": self.password, **proof}
        self.token = self.call("POST", "/v1/auth/login", login)["access_token"]

    def change_password(self, new):
        """Chooses one in place of what was handed out."""
        self.call("POST", "/v1/auth/change-password", {"current_password": self.password, "new_password": new})
        self.password = new
        self.sign_in()

    def add_factor(self):
        """Two factors from now on."""
        secret = self.call("POST", "/v1/me/second-factors/totp")["secret"]
        codes = self.call("POST", "/v1/me/second-factors/totp/confirm", {"code": totp(secret)})
        self.sign_in(recovery_code=codes["recovery_codes"][0])


def totp(secret):
    """The code of now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def fill(server):
    """Two owners and a platform administrator, by name."""
    north = Person(server, "ann@example.org", server.password)
    south = Person(server, "ben@example.org", server.password)
    admin = Person(server, server.email, server.password)
    for owner in (north, south):
        owner.register()
        owner.sign_in()
        found(owner)
    admin.sign_in()
    admin.change_password(f"{server.password}-chosen")
    admin.add_factor()
    admin.places = dict(north.places)
    return {"north": north, "south": south, "admin": admin}


def found(owner):
    """An organisation with something of everything."""
    places = owner.places
    places["account_id"] = owner.call("GET", "/v1/me")["id"]
    name = owner.email.split("@")[0]
    organization = owner.call("POST", "/v1/organizations", {"name": name, "slug": f"{name}-trading"})["id"]
    spare = owner.call("POST", "/v1/organizations", {"name": f"{name} closes it"})["id"]
    places |= {"organization_id": organization, "spare_organization_id": spare}
    within = f"/v1/organizations/{organization}"
    source = (ROOT / "docs/assessments/leadership-readiness.md").read_bytes()
    written = owner.call("POST", f"{within}/custom-assessments", source, Content_Type="text/markdown")
    places["assessment_id"] = written["id"]
    assessment = f"{within}/custom-assessments/{written['id']}"
    places["version"] = owner.call("POST", f"{assessment}/publish")["published_version"]
    owner.call("POST", f"{assessment}/activate")
    listed = owner.call("POST", f"{within}/custom-assessments/import", {"template": "archetype"})["id"]
    for step, body in (("publish", None), ("activate", None), ("marketplace", {"price_tier": "free"})):
        owner.call("POST", f"{within}/custom-assessments/{listed}/{step}", body)
    places["listing_id"] = listed
    campaign = owner.call(
        "POST",
        f"{within}/campaigns",
        {"name": "Spring", "assessment_type": "custom", "custom_assessment_id": written["id"]},
    )
    places["campaign_id"] = campaign["id"]
    member = join(owner, within, f"fay+{name}@example.org")
    people = [{"account_id": places["account_id"]}, {"account_id": member.call("GET", "/v1/me")["id"]}]
    people = {"people": [*people, {"email": f"cleo+{name}@example.net"}]}
    asked = owner.call("POST", f"{within}/campaigns/{campaign['id']}/assignments", people)
    places["assignment_id"] = asked["items"][0]["id"]
    owner.call("POST", f"{within}/campaigns/{campaign['id']}/activate")
    places["members_session_id"] = start(member, asked["items"][1])["id"]
    session = start(owner, asked["items"][0])
    places["session_id"], places["item"] = session["id"], session["questionnaire"]["items"][0]["id"]
    coaching = {"coachee": {"email": f"dana+{name}@example.net"}, "title": "Finding a role"}
    places["coaching_session_id"] = owner.call("POST", f"{within}/coaching-sessions", coaching)["id"]
    invited = {"email": f"eve+{name}@example.net", "roles": ["recruiter"]}
    places["invitation_id"] = owner.call("POST", f"{within}/invitations", invited)["id"]
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400))
    key = {"name": "Payroll", "scopes": ["members.read"], "expires_at": expires}
    places["api_key_id"] = owner.call("POST", f"{within}/api-keys", key)["api_key"]["id"]
    places["task_id"] = owner.call("POST", f"{assessment}/results/exports", {"format": "csv"})["task_id"]
    form = "\r\n".join([
        "--part", 'Content-Disposition: form-data; name="category"', "", "other",
        "--part", 'Content-Disposition: form-data; name="file"; filename="a.txt"', "", "Ahoy.", "--part--", "",
    ])
    form_data = "multipart/form-data; boundary=part"
    document = owner.call("POST", f"{within}/documents", form.encode(), Content_Type=form_data)
    places["document_id"] = document["id"]
    places["event_id"] = owner.call("GET", f"{within}/audit/events")["items"][0]["event"]["id"]


def join(owner, within, email):
    """Another member of the organisation."""
    owner.call("POST", f"{within}/invitations", {"email": email, "roles": ["member"]})
    member = Person(owner.server, email, owner.password)
    member.register()
    member.sign_in()
    invitation = member.call("GET", "/v1/me/invitations")["items"][0]["id"]
    member.call("POST", "/v1/invitations/accept", {"invitation_id": invitation})
    return member


def start(person, assignment):
    """The session in which the person takes what they were asked to."""
    return person.call("POST", f"/v1/me/assignments/{assignment['id']}/start")
