//! What the front matter of every format tells.

use super::{Check, Fields};
use crate::{
    code::{Code, Rule},
    slug::Slug,
    tree::{At, Dialect, Node},
};

impl<C: Code> Check<'_, C> {
    /// The name of the format, which every file tells.
    pub fn schema(&mut self, fields: &Fields<'_>, node: &Node<'_>) {
        let known = self.format.schema;
        let hint = format!("write `schema: {known}`");
        match (fields.get("schema"), self.dialect) {
            (Some(schema), _) => {
                let is_other = self.text(schema).is_some_and(|text| text.trim() != known);
                if is_other {
                    let what = format!("`{}` is not a format this program knows", schema.shown());
                    self.log.error(Rule::UnknownSchema, &schema.at, what, hint);
                }
            }
            (None, Dialect::Markdown) => {
                self.log.error(Rule::MissingKey, &node.at, "there is no `schema`", hint);
            }
            (None, Dialect::Json) => (),
        }
    }

    /// The `name`, or the title, which must be the same; and the `slug`, where one is given. Of a name without one a
    /// slug can be made.
    pub fn names(
        &mut self,
        fields: &Fields<'_>,
        node: &Node<'_>,
        title: Option<(String, At)>,
    ) -> (Option<String>, Option<Slug>) {
        let slug = fields.get("slug").and_then(|node| self.slug(node));
        let (name, at) = match (fields.get("name"), title) {
            (Some(given), title) => {
                let Some(name) = self.name(given) else { return (None, slug) };
                if let Some((title, at)) = title.filter(|(title, _)| *title != name) {
                    let what = format!("the title is `{title}`, but the name is `{name}`");
                    self.log.error(Rule::Title, &at, what, format!("write `# {name}`, or change the name"));
                }
                (name, given.at.clone())
            }
            (None, Some((title, at))) => (title, at),
            (None, None) => {
                let at = node.at.member("name");
                self.log.error(Rule::MissingKey, &at, "there is no `name`", "add `name`");
                return (None, slug);
            }
        };
        if slug.is_none() && Slug::of(&name).is_none() {
            let what = format!("no slug can be made of `{name}`");
            self.log.error(Rule::BadId, &at, what, "give it a `slug` of its own");
        }
        (Some(name), slug)
    }

    /// The form of a BCP 47 tag, which is not looked up.
    pub fn language(&mut self, node: &Node<'_>) -> Option<String> {
        let tag = self.text(node)?.trim();
        let mut parts = tag.split('-');
        let first = parts.next().unwrap_or_default();
        let sound = matches!(first.len(), 2..=3)
            && first.bytes().all(|byte| byte.is_ascii_lowercase())
            && parts.all(|part| {
                matches!(part.len(), 2..=8) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
            && tag.len() <= 35;
        if !sound {
            let what = format!("`{}` is not a language tag", node.shown());
            self.log.error(Rule::BadLanguage, &node.at, what, "write a tag such as `en` or `pt-BR`");
        }
        sound.then(|| tag.to_owned())
    }
}
