//! Rules of the chat that need no world: what a model may see of untrusted text, how its statements are checked, what of its answer may leave.

mod addresses;
mod answer_filter;
mod citations;
mod claims;
mod figures;
mod lists;
mod markup;
mod numbers;
mod scales;
mod signs;
mod statements;
mod visible;
mod words;

pub use answer_filter::AnswerFilter;
pub use citations::{End, Marker, Piece, end_of_marker, pieces};
pub use claims::{Claim, Shown, has_figure, stands_in};
pub use figures::{Figure, figures_of};
pub use lists::ListNumbers;
pub use numbers::Number;
pub use scales::may_be_scale;
pub use statements::{ShownRow, says_something};
pub use visible::visible;
