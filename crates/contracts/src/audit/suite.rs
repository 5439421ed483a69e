//! The list of the rules of the audit trail.

/// Makes a test of every rule of the audit trail; a part of [`suite!`](crate::suite).
#[doc(hidden)]
#[macro_export]
macro_rules! audit_suite {
    ($fresh:ident) => {
        $crate::rules! { $fresh
            audit {
                a_bare_unit_records
                a_denial_is_kept_whole
                a_denial_survives_alone
                a_difference_is_kept_by_class
                a_dropped_numbering_leaves_no_tile
                a_dropped_numbering_leaves_nothing
                a_dropped_unit_leaves_no_event
                a_failed_unit_leaves_no_event
                a_filter_reaches_no_further_than_its_scope
                a_key_of_an_undone_unit_is_not_used
                a_key_serves_one_person_for_an_hour
                a_log_keeps_its_name
                a_numbering_sees_its_own_tiles
                a_period_holds_its_first_moment_and_not_its_last
                a_units_events_are_numbered_in_its_order
                an_erasure_leaves_nothing_to_open
                an_undone_unit_forgets_nobody
                checkpoints_are_kept_once_a_size
                cursors_of_another_filter_are_refused
                denials_share_a_key
                each_change_leaves_one_event
                events_of_one_moment_are_paged_too
                events_read_back_as_they_were_hashed
                every_aggregate_leaves_its_event
                every_event_is_numbered_once
                every_kind_of_actor_is_kept
                every_scope_can_be_denied
                every_scope_leaves_its_events
                filters_find_what_passes_and_nothing_else
                forgetting_destroys_what_was_sealed
                forgetting_out_of_scope_is_refused
                keys_are_given_as_far_as_they_are_kept
                lag_is_that_of_the_oldest_without_a_number
                no_unit_names_an_organization_out_of_scope
                none_is_missed
                none_is_missed_in_a_crowd
                nothing_is_sealed_where_nothing_is_personal
                one_numbers_at_a_time
                own_entries_stay_in_scope
                pages_of_events_are_complete_and_stable
                strangers_are_forgotten_by_age
                the_first_signer_wins
                the_trail_stays_in_scope
                tiles_are_those_of_the_log
                unattributed_changes_keep_nobody
                versions_are_those_of_each_save
                what_cannot_be_recorded_is_not_done
                what_is_sealed_of_an_expired_registration_is_forgotten
                what_is_sealed_of_an_erased_person_is_forgotten_again
            }
        }
    };
}
