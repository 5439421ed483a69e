//! Giving out content: to whoever may read a document, and to whoever has a link to it.

use std::{ops::Range, str::FromStr as _};

use actix_web::{
    HttpRequest, HttpResponse, ResponseError as _,
    body::SizedStream,
    get,
    http::{
        StatusCode,
        header::{
            self, ByteRangeSpec, Charset, ContentDisposition, ContentRange, ContentRangeSpec,
            DispositionParam, DispositionType, ExtendedValue, HeaderName, TryIntoHeaderValue as _,
        },
    },
    post,
    web::Bytes,
};
use document::{DocumentService, Readable};
use futures_util::stream::try_unfold;
use http_shell::{
    Anonymous, AsItCame, Caller, HandlerResult, PathParams, Problem, Query, has, not_modified, ok,
};
use kernel::{OrganizationId, Secret, document::DocumentId, encoding};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Service, views::LinkView};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_content).service(link).service(open_link);
}

/// The content of a document, as a file.
///
/// Whole, or the range that `Range` names; several ranges are answered with the whole. For whoever may read it, and API
/// keys with `documents.read`.
#[utoipa::path(
    operation_id = "document.get_content", tag = "documents",
    params(("Range" = Option<String>, Header, description = "One range of bytes, such as `bytes=0-65535`")),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The file", content_type = "*/*", body = [u8]),
        (status = 206, description = "The part of it", content_type = "*/*", body = [u8]),
        (status = 304, description = "It is still what `If-None-Match` says"),
        (status = 409, description = "`document.quarantined`, `document.rejected` or `document.shredded`"),
        (status = 416, description = "The file ends before the range begins"))
)]
#[get("/v1/organizations/{organization_id}/documents/{document_id}/content")]
async fn get_content(
    req: HttpRequest,
    ctx: Caller,
    path: PathParams<(OrganizationId, DocumentId)>,
    service: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let readable = service.documents.readable(&ctx, organization, id).await?;
    give_out(&req, &service.documents, &readable).await
}

/// Makes a link to the content of a document, which works for five minutes.
///
/// Whoever has it reads the document without signing in; every use stands in the organisation's audit trail. For
/// whoever may read it, and API keys with `documents.read`.
#[utoipa::path(
    operation_id = "document.make_link", tag = "documents", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The link, which is shown this once", body = LinkView),
        (status = 409, description = "`document.quarantined`, `document.rejected` or `document.shredded`"))
)]
#[post("/v1/organizations/{organization_id}/documents/{document_id}/links")]
async fn link(
    ctx: Caller,
    path: PathParams<(OrganizationId, DocumentId)>,
    service: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let link = service.documents.link(&ctx, organization, id).await?;
    let url = format!("{}{}", service.public_url, link.path.expose());
    Ok(ok(&LinkView { url, expires_at: link.until }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LinkQuery {
    /// The ticket that stands in the link.
    link: String,
}

/// The content of a document, for whoever has a link to it.
#[utoipa::path(
    operation_id = "document.open_link", tag = "documents",
    params(LinkQuery, ("Range" = Option<String>, Header, description = "One range of bytes, such as `bytes=0-65535`")),
    responses((status = 200, description = "The file", content_type = "*/*", body = [u8]),
        (status = 206, description = "The part of it", content_type = "*/*", body = [u8]),
        (status = 304, description = "It is still what `If-None-Match` says"),
        (status = 404, description = "The link does not work, or works no more"),
        (status = 416, description = "The file ends before the range begins"))
)]
#[get("/v1/documents/content")]
async fn open_link(
    req: HttpRequest,
    ctx: Anonymous,
    Query(query): Query<LinkQuery>,
    service: Service,
) -> HandlerResult {
    let readable = service.documents.open_link(&ctx, &Secret::new(query.link)).await?;
    give_out(&req, &service.documents, &readable).await
}

/// The file as it is, as a download that no browser runs: it comes from a stranger.
async fn give_out(req: &HttpRequest, documents: &DocumentService, readable: &Readable) -> HandlerResult {
    let document = readable.document();
    let tag = format!("\"{}\"", encoding::hex(&document.sha256.0));
    if has(req, &tag) {
        return Ok(not_modified(&tag));
    }
    let whole = 0..document.size;
    let range = match range(req, &tag, document.size) {
        Ok(range) => range,
        Err(problem) => {
            let spec = ContentRangeSpec::Bytes { range: None, instance_length: Some(document.size) };
            let (mut answer, size) = (problem.error_response(), ContentRange(spec).try_into_value());
            let size = size.map_err(|error| Problem::fault(&error))?;
            answer.headers_mut().insert(header::CONTENT_RANGE, size);
            return Ok(answer);
        }
    };
    let given = range.clone().unwrap_or(whole);
    let size = given.end - given.start;
    let content = documents.content(readable, given.clone()).await?;
    // An answer that breaks off tells the client that it is not whole.
    let body = try_unfold(content, async |mut content| {
        let next = content.next().await?;
        Ok::<_, kernel::document::ContentError>(next.map(|piece| (Bytes::from(piece), content)))
    });
    let mut answer = HttpResponse::Ok();
    answer.extensions_mut().insert(AsItCame);
    if range.is_some() {
        let spec = ContentRangeSpec::Bytes {
            range: Some((given.start, given.end - 1)),
            instance_length: Some(document.size),
        };
        answer.status(StatusCode::PARTIAL_CONTENT).insert_header(ContentRange(spec));
    }
    Ok(answer
        .content_type(document.kind.media_type())
        .insert_header((header::ETAG, tag))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"))
        .insert_header(disposition(document.name.as_ref().map_or("document", |name| name.as_str())))
        .body(SizedStream::new(size, Box::pin(body))))
}

/// The range that is asked for; `None` for the whole. A range of another version of the file is not asked for.
fn range(req: &HttpRequest, tag: &str, size: u64) -> Result<Option<Range<u64>>, Problem> {
    let text = |name| req.headers().get(name).and_then(|value| value.to_str().ok());
    if text(header::IF_RANGE).is_some_and(|known| known != tag) {
        return Ok(None);
    }
    let asked = text(header::RANGE).and_then(|asked| header::Range::from_str(asked).ok());
    let Some(header::Range::Bytes(ranges)) = asked else { return Ok(None) };
    let [spec] = ranges.as_slice() else { return Ok(None) };
    match ByteRangeSpec::to_satisfiable_range(spec, size) {
        Some((first, last)) => Ok(Some(first..last + 1)),
        None => Err(Problem::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "request.range_not_satisfiable",
            format!("the file has {size} bytes; ask for a range that begins before its end"),
        )),
    }
}

/// The name in both forms (RFC 6266): in ASCII for old programs, and as it is.
fn disposition(name: &str) -> ContentDisposition {
    let ascii: String = name.chars().map(|c| if c.is_ascii() && c != '"' { c } else { '_' }).collect();
    let extended = ExtendedValue {
        charset: Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: name.as_bytes().to_vec(),
    };
    let parameters = vec![DispositionParam::Filename(ascii), DispositionParam::FilenameExt(extended)];
    ContentDisposition { disposition: DispositionType::Attachment, parameters }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_name_comes_in_both_forms_and_leaves_its_header_in_neither() {
        let header = disposition("Zo\u{eb} \"cv\".pdf").try_into_value().unwrap();
        let expected = "attachment; filename=\"Zo_ _cv_.pdf\"; filename*=UTF-8''Zo%C3%AB%20%22cv%22.pdf";
        assert_eq!(header.to_str().unwrap(), expected);
    }

    #[test]
    fn one_range_is_given_and_all_else_is_the_whole() {
        let ask = |asked: &str, known: Option<&str>| {
            let mut req = TestRequest::default().insert_header((header::RANGE, asked));
            if let Some(known) = known {
                req = req.insert_header((header::IF_RANGE, known));
            }
            range(&req.to_http_request(), "\"a\"", 10).map_err(|problem| problem.status().as_u16())
        };
        assert_eq!(ask("bytes=0-3", None), Ok(Some(0..4)));
        assert_eq!(ask("bytes=8-99", None), Ok(Some(8..10)));
        assert_eq!(ask("bytes=-3", Some("\"a\"")), Ok(Some(7..10)));
        assert_eq!(ask("bytes=10-", None), Err(416));
        for whole in ["bytes=0-1,4-5", "lines=0-3", "bytes=3-1", "nonsense"] {
            assert_eq!(ask(whole, None), Ok(None), "{whole}");
        }
        assert_eq!(ask("bytes=0-3", Some("\"b\"")), Ok(None), "a range of another version");
        assert_eq!(ask("bytes=0-3", Some("Sun, 06 Nov 1994 08:49:37 GMT")), Ok(None));
    }
}
