//! Reads conditions, with the place of everything that is wrong.

use std::ops::Range;

use prose::{did_you_mean, listed, number};
use rust_decimal::Decimal;

use super::{Comparison, Condition, Expression, Operator, Subject};
use crate::slug::Slug;

/// A text that is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {hint}")]
pub struct ConditionError {
    /// Which bytes of the text are wrong; never empty, but may be just past the end.
    pub place: Range<usize>,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub hint: String,
}

/// Where the parts of a comparison stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Each dimension.
    pub(crate) dimensions: Vec<Range<usize>>,
    /// The number scores are compared with before they are counted.
    pub(crate) counted: Option<Range<usize>>,
    /// The number.
    pub(crate) value: Range<usize>,
}

pub(super) fn parse(text: &str) -> Result<(Condition, Vec<Place>), ConditionError> {
    const TOO_LONG: (&str, &str) =
        ("the condition is longer than 1,000 characters", "split the category in two");
    if text.chars().count() > Condition::MAX_LENGTH {
        return fail(0..text.len(), TOO_LONG.0, TOO_LONG.1);
    }
    let mut parser = Parser { text, next: 0, depth: 0, places: Vec::new() };
    let expression = parser.any()?;
    match parser.token() {
        Token { kind: Kind::End, .. } => {
            // Written with spaces it may be longer than it was.
            let condition = Condition(expression);
            if condition.to_string().len() > Condition::MAX_LENGTH {
                return fail(0..text.len(), TOO_LONG.0, TOO_LONG.1);
            }
            Ok((condition, parser.places))
        }
        token if token.text == ")" => fail(token.place, "there is no `(` to this `)`", "remove it"),
        token => {
            let what = format!("`{}` cannot stand here", token.text);
            fail(token.place, &what, "join comparisons with `and` or `or`")
        }
    }
}

fn fail<T>(place: Range<usize>, what: &str, hint: &str) -> Result<T, ConditionError> {
    let place = place.start..place.end.max(place.start + 1);
    Err(ConditionError { place, what: what.to_owned(), hint: hint.to_owned() })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Operator,
    Other,
    End,
}

#[derive(Clone)]
struct Token<'t> {
    kind: Kind,
    text: &'t str,
    place: Range<usize>,
}

impl Token<'_> {
    fn is_keyword(&self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(keyword)
    }
}

struct Parser<'t> {
    text: &'t str,
    next: usize,
    depth: usize,
    places: Vec<Place>,
}

impl<'t> Parser<'t> {
    /// The next token; it stays the next.
    fn token(&self) -> Token<'t> {
        let rest = self.text[self.next..].trim_start();
        let start = self.text.len() - rest.len();
        let length_of = |accept: fn(char) -> bool| rest.find(|c| !accept(c)).unwrap_or(rest.len());
        let (kind, length) = match rest.chars().next() {
            None => (Kind::End, 0),
            Some('<' | '>' | '=' | '!' | '≤' | '≥' | '≠') => {
                (Kind::Operator, length_of(|c| matches!(c, '<' | '>' | '=' | '!' | '≤' | '≥' | '≠')))
            }
            Some(c) if is_of_word(c) => (Kind::Word, length_of(is_of_word)),
            Some(c) => (Kind::Other, c.len_utf8()),
        };
        Token { kind, text: &rest[..length], place: start..start + length }
    }

    fn take(&mut self) -> Token<'t> {
        let token = self.token();
        self.next = token.place.end;
        token
    }

    fn any(&mut self) -> Result<Expression, ConditionError> {
        let first = self.all()?;
        let mut parts = vec![];
        flatten(first, &mut parts, |e| matches!(e, Expression::Any(_)));
        while self.token().is_keyword("or") {
            self.take();
            let part = self.all()?;
            flatten(part, &mut parts, |e| matches!(e, Expression::Any(_)));
        }
        Ok(joined(parts, Expression::Any))
    }

    fn all(&mut self) -> Result<Expression, ConditionError> {
        let first = self.not()?;
        let mut parts = vec![];
        flatten(first, &mut parts, |e| matches!(e, Expression::All(_)));
        while self.token().is_keyword("and") {
            self.take();
            let part = self.not()?;
            flatten(part, &mut parts, |e| matches!(e, Expression::All(_)));
        }
        Ok(joined(parts, Expression::All))
    }

    fn not(&mut self) -> Result<Expression, ConditionError> {
        let token = self.token();
        let negated = token.is_keyword("not");
        if !negated && token.text != "(" {
            return self.comparison();
        }
        self.take();
        self.depth += 1;
        if self.depth > Condition::MAX_DEPTH {
            return fail(
                token.place,
                "the condition is nested more than 32 deep",
                "split the category in two",
            );
        }
        let inner = if negated { Expression::Not(Box::new(self.not()?)) } else { self.group(&token)? };
        self.depth -= 1;
        Ok(inner)
    }

    fn group(&mut self, open: &Token<'t>) -> Result<Expression, ConditionError> {
        let inner = self.any()?;
        match self.token() {
            token if token.text == ")" => {
                self.take();
                Ok(inner)
            }
            token if token.kind == Kind::End => {
                fail(open.place.clone(), "this `(` is never closed", "add a `)`")
            }
            token => {
                let what = format!("`{}` cannot stand here", token.text);
                fail(token.place, &what, "join comparisons with `and` or `or`, or close the parenthesis")
            }
        }
    }

    fn comparison(&mut self) -> Result<Expression, ConditionError> {
        if self.places.len() == Condition::MAX_COMPARISONS {
            return fail(
                self.token().place,
                "the condition has more than 100 comparisons",
                "split the category in two",
            );
        }
        let mut place = Place { dimensions: Vec::new(), counted: None, value: 0..0 };
        let subject = self.subject(&mut place)?;
        let operator = self.operator()?;
        let value;
        (value, place.value) = self.value()?;
        if matches!(subject, Subject::Count(..)) && value.scale() > 0 {
            let what = format!("`{value}` is not a whole number, and a count is one");
            return fail(place.value, &what, "write for example `>= 2`");
        }
        self.places.push(place);
        Ok(Expression::Compare(Comparison { subject, operator, value }))
    }

    fn subject(&mut self, place: &mut Place) -> Result<Subject, ConditionError> {
        const HINT: &str = "write a comparison such as `overall >= 4`";
        let token = self.take();
        let is_keyword = ["and", "or"].iter().any(|keyword| token.is_keyword(keyword));
        match token.kind {
            Kind::End if self.text.trim().is_empty() => fail(token.place, "the condition is empty", HINT),
            Kind::End => fail(token.place, "the condition ends where a comparison must follow", HINT),
            Kind::Word if is_keyword => {
                let what = format!("`{}` has nothing before it to join", token.text);
                fail(token.place, &what, HINT)
            }
            Kind::Word if self.token().text == "(" => self.function(&token, place),
            Kind::Word if token.text == "overall" => Ok(Subject::Overall),
            Kind::Word if number(token.text).is_some() && self.compares_with_a_word() => {
                let hint = "write the score first; join two comparisons with `and` for a range";
                fail(token.place, "a comparison begins with a score, not with a number", hint)
            }
            Kind::Word => {
                let id = dimension(&token, "neither `overall` nor a dimension's id")?;
                place.dimensions.push(token.place);
                Ok(Subject::Dimension(id))
            }
            Kind::Operator | Kind::Other => {
                fail(token.place, &format!("`{}` cannot stand here", token.text), HINT)
            }
        }
    }

    /// `min(a, b)`, from the parenthesis on.
    fn function(&mut self, name: &Token<'t>, place: &mut Place) -> Result<Subject, ConditionError> {
        let known = Subject::FUNCTIONS.map(|(name, _)| name);
        let Some((function, example)) =
            Subject::FUNCTIONS.into_iter().find(|(known, _)| name.is_keyword(known))
        else {
            let hint = match did_you_mean(name.text, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the functions are {}", listed(&known)),
            };
            return fail(name.place.clone(), &format!("there is no function `{}`", name.text), &hint);
        };
        let hint = format!("write for example `{example}`");
        let open = self.take();
        let mut ids = Vec::new();
        let counted = loop {
            let token = self.take();
            match token.kind {
                Kind::Word => (),
                Kind::End => return fail(open.place, "this `(` is never closed", "add a `)`"),
                _ if ids.is_empty() => {
                    return fail(token.place, &format!("`{function}` names no dimension"), &hint);
                }
                _ => return fail(token.place, &format!("`{}` cannot stand here", token.text), &hint),
            }
            if token.text == "overall" {
                let hint = "name dimensions by their ids";
                return fail(token.place, "`overall` is not a dimension", hint);
            }
            let id = dimension(&token, "not a dimension's id")?;
            if ids.contains(&id) {
                return fail(token.place, &format!("`{id}` is named twice"), "name each dimension once");
            }
            ids.push(id);
            place.dimensions.push(token.place);
            let next = self.token();
            match next.text {
                "," => drop(self.take()),
                ")" if function == "count" => {
                    return fail(next.place, "`count` does not say which scores it counts", &hint);
                }
                ")" => break None,
                _ if next.kind == Kind::Operator && function == "count" => {
                    let operator = self.operator()?;
                    let value;
                    (value, place.counted) = self.value().map(|(value, place)| (value, Some(place)))?;
                    break Some((operator, value));
                }
                "" => return fail(open.place, "this `(` is never closed", "add a `)`"),
                _ if next.kind == Kind::Word => {
                    let what = format!("`{}` cannot stand here", next.text);
                    return fail(next.place, &what, "separate dimensions with commas");
                }
                _ => return fail(next.place, &format!("`{}` cannot stand here", next.text), &hint),
            }
        };
        match self.take() {
            close if close.text == ")" => (),
            close if close.kind == Kind::End => {
                return fail(open.place, "this `(` is never closed", "add a `)`");
            }
            other => return fail(other.place, &format!("`{}` cannot stand here", other.text), &hint),
        }
        Ok(match (function, counted) {
            (_, Some((operator, value))) => Subject::Count(ids, operator, value),
            ("min", None) => Subject::Minimum(ids),
            ("max", None) => Subject::Maximum(ids),
            (_, None) => Subject::Sum(ids),
        })
    }

    /// Whether what follows is an operator and no number: `4 <= overall`, unlike `360 >= 4` where `360` is an id.
    fn compares_with_a_word(&mut self) -> bool {
        let here = self.next;
        let (operator, value) = (self.take(), self.take());
        self.next = here;
        operator.kind == Kind::Operator && value.kind == Kind::Word && number(value.text).is_none()
    }

    fn operator(&mut self) -> Result<Operator, ConditionError> {
        const HINT: &str = "compare with `<`, `<=`, `==`, `!=`, `>=` or `>`";
        let token = self.take();
        match token.text {
            "<" => Ok(Operator::Less),
            "<=" | "≤" | "=<" => Ok(Operator::AtMost),
            "==" | "=" => Ok(Operator::Equal),
            "!=" | "≠" | "<>" => Ok(Operator::NotEqual),
            ">=" | "≥" | "=>" => Ok(Operator::AtLeast),
            ">" => Ok(Operator::Greater),
            "" => fail(token.place, "the comparison has no operator", HINT),
            other => fail(token.place, &format!("`{other}` is not a comparison"), HINT),
        }
    }

    fn value(&mut self) -> Result<(Decimal, Range<usize>), ConditionError> {
        const HINT: &str = "compare with a number such as 4 or 3.75";
        let token = self.take();
        let Some(value) = number(token.text) else {
            let what = match token.text {
                "" => "the comparison has no number".to_owned(),
                text => format!("`{text}` is not a number"),
            };
            return fail(token.place, &what, HINT);
        };
        if value.abs() > Decimal::from(Condition::MAX_NUMBER) || value.normalize().scale() > 4 {
            let what = format!("`{}` is out of range", token.text);
            return fail(
                token.place,
                &what,
                "use a number from -10000 to 10000 with at most 4 decimal places",
            );
        }
        if self.token().kind == Kind::Operator {
            let what = format!("`{}` compares a second time", self.token().text);
            return fail(self.token().place, &what, "write `overall >= 3 and overall < 4` for a range");
        }
        Ok((value.normalize(), token.place))
    }
}

fn dimension(token: &Token<'_>, not: &str) -> Result<Slug, ConditionError> {
    Slug::new(token.text).or_else(|error| {
        fail(token.place.clone(), &format!("`{}` is {not}", token.text), &format!("an id {error}"))
    })
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '.' | '_' | '%' | '+')
}

fn flatten(part: Expression, parts: &mut Vec<Expression>, is_same: fn(&Expression) -> bool) {
    if !is_same(&part) {
        return parts.push(part);
    }
    if let Expression::Any(inner) | Expression::All(inner) = part {
        parts.extend(inner);
    }
}

fn joined(mut parts: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.len() {
        1 => parts.swap_remove(0),
        _ => join(parts),
    }
}
