//! A server on a free port, and people who use it.

use std::{fmt::Display, net::TcpListener, sync::Arc, time::Duration};

use identity::{
    EmailAddress, Role, Roles,
    invitation::InvitationRef,
    registration::Register,
    session::{Login, Tokens},
};
use kernel::{Actor, Ctx, Mail, OrganizationId, Scope, Secret};
use mail::MemoryMailer;
use platform::{
    Options, Platform, WorkerOptions,
    shutdown::{self, Stop},
};
use reqwest::{Body, Method, RequestBuilder, Response, redirect::Policy};
use serde_json::{Value, json};
use storage_postgres::{
    PostgresStorage,
    testing::{TestDatabase, fresh_database},
};
use touchstone::serving;

use super::answers::hold_against_description;

pub(crate) const PASSWORD: &str = "plinth-orbit-walnut-sieve";

/// What administrators are given, and change at once.
const TEMPORARY_PASSWORD: &str = "thimble-quarry-lantern-moss";

pub(crate) struct Server {
    pub base: String,
    pub platform: Box<Platform>,
    pub mailer: Arc<MemoryMailer>,
    /// The database, if there is one.
    pub database: Option<TestDatabase>,
    client: reqwest::Client,
    /// Dropping it stops the server and its workers.
    _stop: Stop,
}

/// Someone signed in.
#[derive(Clone)]
pub(crate) struct Person {
    pub email: String,
    pub ctx: Ctx,
    pub tokens: Tokens,
}

fn unlimited() -> http_shell::Settings {
    http_shell::Settings { rates: None, ..http_shell::Settings::default() }
}

fn options(adjust: impl Fn(&mut Options)) -> (Arc<MemoryMailer>, Options) {
    let mailer = Arc::new(MemoryMailer::new());
    let mut options = Options::for_tests(mailer.clone());
    adjust(&mut options);
    (mailer, options)
}

pub(crate) fn nobody() -> Ctx {
    Ctx::new(Actor::Anonymous, Scope::Identity)
}

impl Server {
    pub(crate) async fn on_memory() -> Self {
        Self::on_memory_with(WorkerOptions::default()).await
    }

    pub(crate) async fn on_postgres() -> Self {
        Self::on_postgres_with(WorkerOptions::default()).await
    }

    /// On storage in memory, where no other work than this goes on beside requests.
    pub(crate) async fn on_memory_with(work: WorkerOptions) -> Self {
        Self::on_memory_as(|_| {}, work).await
    }

    /// The same on PostgreSQL.
    pub(crate) async fn on_postgres_with(work: WorkerOptions) -> Self {
        Self::on_postgres_as(|_| {}, work).await
    }

    /// On both kinds of storage, with other options.
    pub(crate) async fn on_both_as(adjust: impl Fn(&mut Options)) -> [Self; 2] {
        let work = WorkerOptions::default;
        [Self::on_memory_as(&adjust, work()).await, Self::on_postgres_as(&adjust, work()).await]
    }

    async fn on_memory_as(adjust: impl Fn(&mut Options), work: WorkerOptions) -> Self {
        let (mailer, options) = options(adjust);
        let platform = Platform::in_memory(options).await.expect("composed");
        Self::run(platform, mailer, None, unlimited(), &work)
    }

    async fn on_postgres_as(adjust: impl Fn(&mut Options), work: WorkerOptions) -> Self {
        let database = fresh_database().await;
        let (mailer, options) = options(adjust);
        let mut settings = storage_postgres::Settings::new(&database.app_url);
        settings.acquire_timeout = Duration::from_secs(20);
        let storage = PostgresStorage::connect(&settings, options.recorder()).await.expect("connected");
        let platform = Platform::on_postgres(storage, options).await.expect("composed");
        Self::run(platform, mailer, Some(database), unlimited(), &work)
    }

    pub(crate) fn serve(
        platform: Platform,
        mailer: Arc<MemoryMailer>,
        database: Option<TestDatabase>,
        settings: http_shell::Settings,
    ) -> Self {
        Self::run(platform, mailer, database, settings, &WorkerOptions::default())
    }

    fn run(
        platform: Platform,
        mailer: Arc<MemoryMailer>,
        database: Option<TestDatabase>,
        settings: http_shell::Settings,
        work: &WorkerOptions,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (stop, mut stopping) = shutdown::channel();
        let state = serving::state(&platform, http_shell::Settings { workers: Some(2), ..settings });
        let mut work = platform.start_work(work, &stopping);
        tokio::spawn(async move { while work.join_next().await.is_some() {} });
        serving::serve(listener, state, async move { stopping.stopped().await });
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .redirect(Policy::none())
            .build()
            .expect("a client");
        Self { base, platform: Box::new(platform), mailer, database, client, _stop: stop }
    }

    pub(crate) fn call(&self, method: &str, path: &str) -> Call {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        Call(self.client.request(method, format!("{}{path}", self.base)))
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.call("POST", path).json(&body).send().await.expect("answered")
    }

    /// The newest letter of this kind to the address.
    pub(crate) async fn letter(&self, to: &str, template: &str) -> Mail {
        let (to, template) = (to.to_owned(), template.to_owned());
        let wanted = move |mail: &Mail| mail.to == to && mail.template == template;
        let found = self.mailer.wait_for(wanted.clone(), Duration::from_secs(10)).await;
        found.expect("a letter comes");
        self.mailer.sent().into_iter().rev().find(wanted).expect("it came")
    }

    /// Registers through the services, opens the link, signs in.
    pub(crate) async fn person(&self, address: &str) -> Person {
        let identity = &self.platform.identity;
        let email = EmailAddress::new(address).expect("an address");
        let password = Secret::new(PASSWORD);
        let register = Register { email: email.clone(), password, full_name: None, timezone: None };
        identity.registrations.register(&nobody(), register).await.expect("registered");
        let letter = self.letter(address, "identity/verify-email").await;
        identity.registrations.verify(&nobody(), &token_of(&letter)).await.expect("verified");
        self.sign_in(address).await
    }

    pub(crate) async fn sign_in(&self, address: &str) -> Person {
        self.sign_in_with(address, PASSWORD).await
    }

    async fn sign_in_with(&self, address: &str, password: &str) -> Person {
        let email = EmailAddress::new(address).expect("an address");
        let login = Login { email, password: Secret::new(password), proof: None, device_token: None };
        let identity = &self.platform.identity;
        let tokens = identity.sign_in.login(&nobody(), login).await.expect("signed in");
        self.with(address, tokens).await
    }

    /// An administrator who was made a moment ago, and has not changed the temporary password.
    pub(crate) async fn new_administrator(&self, address: &str) -> Person {
        let email = EmailAddress::new(address).expect("an address");
        let administration = &self.platform.identity.administration;
        let password = Secret::new(TEMPORARY_PASSWORD);
        administration.create_admin(&nobody(), email, None, &password).await.expect("an administrator");
        self.sign_in_with(address, TEMPORARY_PASSWORD).await
    }

    /// An administrator with a password of their own, and no second factor.
    pub(crate) async fn one_factor_administrator(&self, address: &str) -> Person {
        let newcomer = self.new_administrator(address).await;
        let (temporary, own) = (Secret::new(TEMPORARY_PASSWORD), Secret::new(PASSWORD));
        self.platform.identity.passwords.change(&newcomer.ctx, &temporary, &own).await.expect("changed");
        self.sign_in(address).await
    }

    /// An administrator, signed in with two factors.
    pub(crate) async fn administrator(&self, address: &str) -> Person {
        let person = self.one_factor_administrator(address).await;
        let identity = &self.platform.identity;
        let enrolment = identity.second_factors.enrol(&person.ctx).await.expect("enrolled");
        let secret = totp_rs::Secret::try_from_base32(enrolment.secret.expose()).expect("Base32");
        let totp = totp_rs::Builder::new().with_secret(secret).build().expect("a generator");
        let seconds = u64::try_from(self.platform.clock.now().unix_seconds()).expect("after 1970");
        let code = Secret::new(totp.generate(seconds).to_string());
        identity.second_factors.confirm(&person.ctx, &code).await.expect("confirmed");
        let tokens = identity.sign_in.refresh(&nobody(), &person.tokens.refresh_token).await;
        self.with(address, tokens.expect("refreshed")).await
    }

    pub(crate) async fn with(&self, address: &str, tokens: Tokens) -> Person {
        let authentication = &self.platform.identity.authentication;
        let ctx = authentication.authenticate(&nobody(), tokens.access_token.expose()).await;
        Person { email: address.to_owned(), ctx: ctx.expect("the token is good"), tokens }
    }

    pub(crate) async fn organization(&self, owner: &Person, name: &str) -> OrganizationId {
        let answer =
            self.call("POST", "/v1/organizations").bearer_auth(owner.token()).json(&json!({ "name": name }));
        let body: Value = answer.send().await.expect("answered").json().await.expect("JSON");
        body["id"].as_str().expect("an id").parse().expect("a UUID")
    }

    pub(crate) async fn join(
        &self,
        organization: OrganizationId,
        inviter: &Person,
        who: &Person,
        role: Role,
    ) {
        let invitations = &self.platform.identity.invitations;
        let email = EmailAddress::new(&who.email).expect("an address");
        let invited = invitations.invite(&inviter.ctx, organization, email, Roles::only(role)).await;
        let id = InvitationRef::Id(invited.expect("invited").id);
        invitations.accept(&who.ctx, id).await.expect("joined");
    }
}

/// A request whose answer is held against the description of the operation.
pub(crate) struct Call(RequestBuilder);

impl Call {
    pub(crate) fn bearer_auth(self, token: impl Display) -> Self {
        Self(self.0.bearer_auth(token))
    }

    pub(crate) fn header(self, name: &str, value: impl AsRef<str>) -> Self {
        Self(self.0.header(name, value.as_ref()))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        Self(self.0.json(body))
    }

    pub(crate) fn body(self, body: impl Into<Body>) -> Self {
        Self(self.0.body(body))
    }

    pub(crate) async fn send(self) -> reqwest::Result<Response> {
        let (client, request) = self.0.build_split();
        let request = request?;
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let answer = client.execute(request).await?;
        let media = answer.headers().get("content-type");
        if method == Method::HEAD || media.is_none_or(|media| media != "application/problem+json") {
            return Ok(answer);
        }
        let (head, body) = http::Response::from(answer).into_parts();
        let body = Response::from(http::Response::new(body)).bytes().await?;
        let problem: Value = serde_json::from_slice(&body).expect("a problem is JSON");
        let code = problem["code"].as_str().expect("a problem has a code");
        hold_against_description(method.as_str(), &path, head.status.as_u16(), code);
        Ok(http::Response::from_parts(head, body).into())
    }
}

impl Person {
    pub(crate) fn token(&self) -> &str {
        self.tokens.access_token.expose()
    }
}

/// The token in a letter's link.
pub(crate) fn token_of(mail: &Mail) -> Secret {
    let link = mail.link.as_ref().expect("the letter has a link").expose();
    Secret::new(link.rsplit_once("token=").expect("the link has a token").1)
}

/// What the client sees of an answer, with the problem's request id taken out.
pub(crate) async fn seen(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    if answer
        .headers()
        .get("content-type")
        .is_some_and(|media| media.as_bytes().starts_with(b"text/event-stream"))
    {
        return (status, Value::Null);
    }
    let text = answer.text().await.expect("a body");
    let mut body: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
    if let Some(object) = body.as_object_mut() {
        object.remove("request_id");
    }
    (status, body)
}
