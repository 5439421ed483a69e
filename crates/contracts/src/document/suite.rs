//! The list of the rules of documents.

/// Makes a test of every rule of documents; a part of [`suite!`](crate::suite).
#[doc(hidden)]
#[macro_export]
macro_rules! document_suite {
    ($fresh:ident) => {
        $crate::rules! { $fresh
            document {
                a_document_belongs_to_one_thing
                a_document_is_attached_with_the_rest_of_its_unit
                a_failed_unit_of_documents_takes_no_more_work
                a_key_is_sealed_anew_without_a_record
                content_that_is_gone_counts_no_more
                document_round_trip
                documents_are_found_by_uploader
                documents_are_listed_newest_first
                documents_are_their_organizations
                documents_with_content_are_told_apart
                documents_with_content_come_in_order
                two_that_attach_at_once_do_not_both
                what_is_detached_goes_in_a_day
                what_is_gone_is_not_attached
            }
        }
    };
}
