//! `touchstone assessment` on the command line.

use std::path::PathBuf;

use assessment_engine::{CampaignId, CustomAssessmentId};
use assessment_format::Version;
use clap::{Args, Subcommand};
use kernel::OrganizationId;

/// Assessments an organisation writes itself.
#[derive(Debug, Subcommand)]
pub enum Assessment {
    /// Begin a file: every key with a comment, every section with an example
    New(NewAssessment),
    /// Check files, and explain every mistake where it stands
    ///
    /// Ends with exit code 0 when no file has errors, 1 when one has, 2 when one cannot be read.
    Check(CheckAssessments),
    /// Put files in order; every word stays
    ///
    /// A file with errors is not touched. Ends with exit code 1 when there is one, or with --check when a file would
    /// change; 2 when a file cannot be read or written.
    Fmt(FmtAssessments),
    /// Score answers as the server does, and say how each number came about
    ///
    /// Ends with exit code 1 when the assessment has errors or a reply does not fit its item, 2 when a file cannot be
    /// read.
    Score(ScoreAssessment),
    /// Score the stored results of an assessment anew, or see who would come out otherwise
    ///
    /// Works beside the server, on any number of results. Older runs stay. Broken off, --apply can be run again.
    Rescore(RescoreAssessment),
}

/// What is begun.
#[derive(Debug, Args)]
pub struct NewAssessment {
    /// What the assessment is called, such as "Leadership Readiness"
    pub name: String,
    /// The file to write; it must not exist. `-` is standard output [default: the name in small letters, with
    /// hyphens, and .md]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What is checked.
#[derive(Debug, Args)]
pub struct CheckAssessments {
    /// Files in markdown, or in JSON where they end in .json; `-` is standard input, in markdown
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Let warnings count as errors for the exit code
    #[arg(long)]
    pub deny_warnings: bool,
}

/// What is put in order.
#[derive(Debug, Args)]
pub struct FmtAssessments {
    /// Files in markdown; `-` reads standard input and writes standard output
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Change nothing; say which files would change
    #[arg(long)]
    pub check: bool,
}

/// What is scored.
#[derive(Debug, Args)]
pub struct ScoreAssessment {
    /// The assessment, in markdown or, where it ends in .json, in JSON
    pub file: PathBuf,
    /// The replies by item, such as {"s1": {"step": 4}, "x1": {"option": 2}}; `-` is standard input
    ///
    /// A reply is {"step": 4} from 1 up, {"option": 2} or {"options": [1, 3]} by their places from 1, {"number":
    /// 7.5} or {"text": "as typed"}. Items that are left out, or null, are not answered.
    #[arg(value_name = "ANSWERS")]
    pub answers: PathBuf,
    /// Print the result and its explanation as JSON
    #[arg(long)]
    pub json: bool,
}

/// What is scored anew.
#[derive(Debug, Args)]
pub struct RescoreAssessment {
    /// Whose assessment it is
    #[arg(long, value_name = "ID")]
    pub organization: OrganizationId,
    /// Whose results
    #[arg(long, value_name = "ID")]
    pub assessment: CustomAssessmentId,
    /// Only those of this campaign
    #[arg(long, value_name = "ID")]
    pub campaign: Option<CampaignId>,
    /// By the rules of this published version; each by those of its own without
    #[arg(long, value_name = "X.Y")]
    pub version: Option<Version>,
    /// Tell who would come out otherwise, and store nothing; also without
    #[arg(long, conflicts_with = "apply")]
    pub preview: bool,
    /// Put new runs in place
    #[arg(long)]
    pub apply: bool,
    /// Print what came of it as JSON
    #[arg(long)]
    pub json: bool,
}
