//! The list of the rules of assessments.

/// Makes a test of every rule of assessments; a part of [`suite!`](crate::suite).
#[doc(hidden)]
#[macro_export]
macro_rules! assessment_suite {
    ($fresh:ident) => {
        $crate::rules! { $fresh
            assessment {
                a_campaign_asks_a_person_once
                a_campaign_is_asked_in_as_it_was_read
                a_draft_can_be_deleted
                a_failed_unit_of_assessments_takes_no_more_work
                a_listing_is_seen_once_it_is_published
                a_new_run_keeps_the_one_before
                a_person_reads_a_session_of_his_own
                a_published_assessment_stays
                a_rating_replaces_that_of_its_rater
                a_session_for_update_is_nobody_elses
                a_tally_goes_on
                a_transcript_is_in_order
                an_answer_is_kept_by_what_was_seen_of_its_session
                an_answer_is_kept_unless_a_newer_one_is_there
                an_answer_meets_the_session_as_it_was_read
                answers_do_not_wait_for_one_another
                answers_read_back_as_they_were_given
                assessments_are_listed_as_they_stand
                assessments_are_their_organizations
                assignment_round_trip
                assignments_are_listed_with_their_progress
                campaign_round_trip
                coaching_session_round_trip
                custom_assessment_round_trip
                few_results_do_not_count_in_the_whole
                figures_count_who_is_asked
                foreign_cursors_of_assessments_are_refused
                interview_session_round_trip
                listing_round_trip
                listings_are_the_workers
                lists_hold_what_was_asked_for
                lists_of_assessments_are_complete_and_stable
                lists_of_one_moment_are_paged_too
                lists_of_what_comes_of_them_are_complete_and_stable
                many_are_asked_or_nobody
                nothing_is_accepted_that_is_not_submitted
                nothing_is_changed_from_another_scope
                nothing_is_said_outside_a_session
                of_parallel_answers_the_newest_stays
                of_parallel_replies_under_one_number_one_is_told
                one_result_a_session
                one_session_an_origin
                parallel_copies_leave_one
                parallel_runs_replace_once
                participations_are_a_persons_own
                participations_can_be_forgotten
                published_versions_never_change
                reads_of_assessments_stay_in_scope
                result_round_trip
                results_are_counted_as_asked
                runs_are_replaced_with_the_commit
                shown_summaries_are_kept_until_forgotten
                slugs_and_templates_are_unique
                slugs_that_begin_alike_are_found
                responses_are_read_at_once
                stored_results_come_with_what_was_said
                those_who_are_asked_already_are_found
                those_who_are_not_done_are_to_be_reminded
                those_without_a_letter_are_to_be_invited
                units_of_assessments_stay_in_scope
                what_belongs_together_is_saved_together
                what_is_bounded_is_counted
                what_was_said_can_be_forgotten
            }
        }
    };
}
