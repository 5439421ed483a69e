//! How one wants to be told.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, get, put};
use http_shell::{
    Caller, Checker, HandlerResult, IfMatch, Json, NamedSchema, Problem, named, tagged, versioned,
};
use kernel::{AccountId, NoticeKind};
use notification::{
    Channels, Digest, DigestInterval, MailChoice, NotificationPreferences, NotificationPreferencesState,
    QuietHours,
};
use serde::{Deserialize, Serialize};
use time::{Time, format_description::StaticFormatDescription, macros::format_description};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Ref, RefOr,
        schema::{AdditionalProperties, ObjectBuilder, Schema, SchemaType, Type},
    },
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Service, views::MailChoiceSchema};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_preferences).service(put_preferences);
}

type IntervalSchema = NamedSchema<DigestInterval>;

const CLOCK: StaticFormatDescription = format_description!("[hour]:[minute]");

/// Where one is told of one type of thing.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = notification::Channels)]
struct ChannelsBody {
    /// In the product.
    in_app: bool,
    /// By mail: not at all, at once, or in a digest.
    #[schema(value_type = MailChoiceSchema)]
    email: MailChoice,
}

/// Channels by notification type. The account itself is always told of in the product.
struct ChannelsSchema;

impl PartialSchema for ChannelsSchema {
    fn schema() -> RefOr<Schema> {
        let channels = |kind: NoticeKind| match kind {
            NoticeKind::System => RefOr::from(Schema::Object(
                ObjectBuilder::new()
                    .property(
                        "in_app",
                        ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([true])),
                    )
                    .property("email", MailChoiceSchema::describe())
                    .required("in_app")
                    .required("email")
                    .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
                    .build(),
            )),
            _ => RefOr::Ref(Ref::from_schema_name("notification.Channels")),
        };
        let of = NoticeKind::ALL
            .into_iter()
            .fold(ObjectBuilder::new(), |object, kind| object.property(kind.name(), channels(kind)));
        let of = of.schema_type(SchemaType::Type(Type::Object));
        of.additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false))).build().into()
    }
}

impl ToSchema for ChannelsSchema {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((ChannelsBody::name().into_owned(), ChannelsBody::schema()));
        ChannelsBody::schemas(schemas);
    }
}

/// When digests are mailed, by the clock of one's time zone.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = notification::Digest)]
struct DigestBody {
    /// Every day, or on Mondays.
    #[schema(value_type = IntervalSchema)]
    interval: DigestInterval,
    /// At which full hour.
    #[schema(minimum = 0, maximum = 23)]
    hour: u8,
}

/// When nothing is mailed that is not urgent, by the same clock. From and until the same time they are none.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = notification::QuietHours)]
struct QuietHoursBody {
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", min_length = 5, max_length = 5)]
    from: String,
    /// On the next day where it is earlier.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", min_length = 5, max_length = 5)]
    until: String,
}

/// How one wants to be told.
#[derive(Serialize, ToSchema)]
#[schema(as = notification::Preferences, example = json!({ "channels": { "system": { "in_app": true, "email": "instant" }, "assessment": { "in_app": true, "email": "digest" } }, "digest": { "interval": "daily", "hour": 8 }, "quiet_hours": { "from": "22:00", "until": "07:00" }, "version": 1 }))]
struct PreferencesView {
    /// By notification type: all there are.
    #[schema(value_type = ChannelsSchema, inline)]
    channels: BTreeMap<NoticeKind, ChannelsBody>,
    #[schema(inline)]
    digest: DigestBody,
    quiet_hours: Option<QuietHoursBody>,
    /// The same number as in `ETag`; 0 until one chooses.
    version: i64,
}

impl From<&NotificationPreferences> for PreferencesView {
    fn from(of: &NotificationPreferences) -> Self {
        let channels = |kind| {
            let Channels { in_app, email } = of.channels(kind);
            (kind, ChannelsBody { in_app, email })
        };
        let quiet = |quiet: QuietHours| QuietHoursBody {
            from: notification::clock_time(quiet.from),
            until: notification::clock_time(quiet.until),
        };
        let Digest { interval, hour } = of.digest;
        Self {
            channels: NoticeKind::ALL.into_iter().map(channels).collect(),
            digest: DigestBody { interval, hour },
            quiet_hours: of.quiet_hours.map(quiet),
            version: of.version(),
        }
    }
}

/// What one chooses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = notification::PutPreferences, example = json!({ "channels": { "assessment": { "in_app": true, "email": "digest" } }, "digest": { "interval": "daily", "hour": 8 }, "quiet_hours": { "from": "22:00", "until": "07:00" } }))]
struct PreferencesBody {
    /// By notification type; for those left out the usual holds: in the product, and by mail at once, but for tasks.
    #[schema(value_type = ChannelsSchema, inline)]
    channels: BTreeMap<String, ChannelsBody>,
    /// Daily at 8 o'clock when left out.
    #[serde(default)]
    #[schema(value_type = Option<DigestBody>, nullable = false)]
    digest: Option<DigestBody>,
    /// None when left out.
    #[serde(default)]
    quiet_hours: Option<QuietHoursBody>,
}

fn clock_time(text: &str) -> Result<Time, &'static str> {
    Time::parse(text, CLOCK).map_err(|_| "must be a time of day from 00:00 to 23:59")
}

impl PreferencesBody {
    fn check(self) -> Result<impl FnOnce(AccountId) -> NotificationPreferencesState, Problem> {
        let mut check = Checker::new();
        let quiet = self
            .quiet_hours
            .unwrap_or_else(|| QuietHoursBody { from: "00:00".to_owned(), until: "00:00".to_owned() });
        let from = check.take("/quiet_hours/from", clock_time(&quiet.from));
        let until = check.take("/quiet_hours/until", clock_time(&quiet.until));
        let mut channels = BTreeMap::new();
        for (name, ChannelsBody { in_app, email }) in self.channels {
            match named(&name) {
                Ok(kind) => drop(channels.insert(kind, Channels { in_app, email })),
                Err(fault) => {
                    check.fail(format!("/channels/{}", name.replace('~', "~0").replace('/', "~1")), fault);
                }
            }
        }
        let digest = self.digest.map(|DigestBody { interval, hour }| Digest { interval, hour });
        let nobody = AccountId::from_uuid(uuid::Uuid::nil());
        let digest = digest.unwrap_or_default();
        let chosen = NotificationPreferencesState { account: nobody, channels, digest, quiet_hours: None };
        for (place, fault) in chosen.faults() {
            check.fail(place, fault.to_string());
        }
        let (from, until) = check.finish((from, until))?;
        let quiet_hours = (from != until).then_some(QuietHours { from, until });
        Ok(move |account| NotificationPreferencesState { account, quiet_hours, ..chosen })
    }
}

/// How one wants to be told; the usual until one chooses.
#[utoipa::path(
    operation_id = "notification.get_preferences", tag = "notifications", security(("bearer" = [])),
    responses((status = 200, description = "One's preferences", body = PreferencesView),
        (status = 304, description = "They are still what `If-None-Match` says"))
)]
#[get("/v1/me/notification-preferences")]
async fn get_preferences(req: HttpRequest, ctx: Caller, service: Service) -> HandlerResult {
    let preferences = service.notifications.preferences(&ctx).await?;
    Ok(tagged(&req, preferences.version(), &PreferencesView::from(&preferences)))
}

/// Chooses how one wants to be told. Urgent things ignore quiet hours and digests; letters about the security of one's
/// account are no notifications, and always come.
#[utoipa::path(
    operation_id = "notification.put_preferences", tag = "notifications", params(IfMatch),
    request_body = PreferencesBody, security(("bearer" = [])),
    responses((status = 200, description = "One's preferences as they are now", body = PreferencesView))
)]
#[put("/v1/me/notification-preferences")]
async fn put_preferences(
    ctx: Caller,
    version: IfMatch,
    body: Json<PreferencesBody>,
    service: Service,
) -> HandlerResult {
    let choose = body.into_inner().check()?;
    let preferences = service.notifications.choose(&ctx, version.0, choose).await?;
    Ok(versioned(preferences.version(), &PreferencesView::from(&preferences)))
}
