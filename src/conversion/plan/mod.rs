//! From a shape to tables: which there are, what their columns are called, and how the second pass fills them.

mod alike;
mod columns;
mod fold;
mod naming;
mod parts;
mod program;
mod schema;
mod survey;
mod tables;
mod unique;

pub(crate) use parts::Entry;
pub use parts::{Part, RowCounts};
pub(crate) use program::{Action, Cells, NONE, Program, Special, TableProgram};
pub use schema::{Column, ColumnRole, Key, ParentLink, Table, Warning, WarningCode};
pub use unique::make_table_names_unique;

use super::error::{Error, ErrorCode};
use super::limits::Limits;
use super::options::{Layout, Options, Structure};
use super::paths::NodeId;
use super::shape::Shape;
use super::xml::ParserOptions;
use fold::fold;
use survey::Survey;
use tables::{Arrangement, arrange};

/// The tables that documents of one shape become.
#[derive(Clone, Debug)]
pub struct Plan {
    group: String,
    layout: Layout,
    record: Option<String>,
    tables: Vec<Table>,
    warnings: Vec<Warning>,
    pub(crate) program: Program,
    pub(crate) limits: Limits,
    /// How the documents were scanned, and are to be read again.
    pub(crate) parser: ParserOptions,
}

impl Plan {
    /// Plans the tables for a document, or for a group of documents whose shapes were merged. `group_name` is what
    /// [`make_table_names_unique`] puts in front of names that several plans use.
    ///
    /// # Errors
    /// `record_not_found`, `too_many_columns`, `too_many_tables`, and `invalid_option` as of [`Options::check`].
    pub fn new(group_name: &str, shape: &Shape, options: &Options, limits: &Limits) -> Result<Self, Error> {
        options.check()?;
        let record = chosen_record(&Survey::new(shape, options, &[]))?;
        let folded = fold(shape, options, record);
        let (shape, families) = folded.as_ref().map_or((shape, &[][..]), |folded| (&folded.shape, &folded.heads));
        let survey = Survey::new(shape, options, families);
        let flat = Arrangement::Flat { record, repeated: options.repeated };
        let mut warnings: Vec<Warning> = skipped_entities(shape).into_iter().collect();
        let arranged = match wanted(&survey, record) {
            Wanted::Flat => match arrange(&survey, flat, limits) {
                Err(Error { code: ErrorCode::TooManyColumns, detail, .. }) => {
                    let detail = format!("relational tables instead of a flat one: {detail}");
                    warnings.push(Warning { code: WarningCode::FlatTooWide, detail, count: 1 });
                    None
                }
                other => Some(other?),
            },
            Wanted::FlatButRecursive => {
                let path = survey.path(record);
                let detail =
                    format!("relational tables instead of a flat one: inside {path} an element holds its own kind");
                warnings.push(Warning { code: WarningCode::FlatRecursive, detail, count: 1 });
                None
            }
            Wanted::Relational => None,
        };
        let (layout, named_record) = match arranged {
            Some(_) => (Layout::Flat, Some(survey.path(record))),
            None => (Layout::Relational, None),
        };
        let (tables, program) = match arranged {
            Some(arranged) => arranged,
            None => arrange(&survey, Arrangement::Relational, limits)?,
        };
        Ok(Self {
            group: group_name.to_owned(),
            layout,
            record: named_record,
            tables,
            warnings,
            program,
            limits: *limits,
            parser: shape.options,
        })
    }

    /// The tables; rows refer to them by their place here.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// What was done otherwise than asked.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The layout chosen: never [`Layout::Auto`].
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The path of the record, if the layout is flat.
    #[must_use]
    pub fn record(&self) -> Option<&str> {
        self.record.as_deref()
    }

    /// The group the plan was made for.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.group
    }
}

/// What tells that the tables hold less than the documents mean.
fn skipped_entities(shape: &Shape) -> Option<Warning> {
    let count = shape.skipped_references();
    let references = match count {
        1 => "1 reference to an entity that is not declared, or stands outside of the documents,".to_owned(),
        _ => format!("{count} references to entities that are not declared, or stand outside of the documents,"),
    };
    let detail =
        format!("{references} contributed nothing; write the text into the documents to have it in the tables");
    (count > 0).then_some(Warning { code: WarningCode::EntitiesSkipped, detail, count })
}

enum Wanted {
    Relational,
    Flat,
    FlatButRecursive,
}

fn wanted(survey: &Survey<'_>, record: NodeId) -> Wanted {
    let inside = survey.subtree(record);
    let recursive = inside.iter().any(|id| survey.recursions(*id).next().is_some());
    let repeats = inside.iter().skip(1).any(|id| survey.repeats(*id));
    // A detected record among siblings of one shape: all of them together are the rows.
    let in_family = survey.is_family(survey.tree().target(record));
    match survey.options.layout {
        Layout::Relational => Wanted::Relational,
        Layout::Auto if survey.options.structure == Structure::Complete => Wanted::Relational,
        Layout::Auto if recursive || repeats || in_family => Wanted::Relational,
        Layout::Flat if recursive => Wanted::FlatButRecursive,
        Layout::Auto | Layout::Flat => Wanted::Flat,
    }
}

fn chosen_record(survey: &Survey<'_>) -> Result<NodeId, Error> {
    let Some(wanted) = &survey.options.record else { return Ok(survey.shape.record()) };
    let record = survey.shape.named_record(wanted)?;
    if survey.is_inside_prose(record) {
        let detail = format!("{} stands inside running text and cannot be a record", survey.path(record));
        return Err(Error::new(ErrorCode::RecordNotFound, detail));
    }
    Ok(record)
}
