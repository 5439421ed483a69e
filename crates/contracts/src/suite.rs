//! The list of all rules.

/// Makes a test of every rule. The argument names an `async fn` in scope that gives a fresh [`crate::StorageUnderTest`]
/// over empty storage. The tests run on tokio, which the caller's crate must have as a dependency.
#[macro_export]
macro_rules! suite {
    ($fresh:ident) => {
        $crate::suite! { @list $fresh
            accounts {
                a_destroyed_data_key_is_gone
                a_duplicate_within_one_unit_fails_it
                account_round_trip
                accounts_are_found_by_address
                admin_settings_round_trip
                changes_of_one_unit_are_kept_together
                email_is_unique_without_regard_to_case
            }
            api_keys {
                api_key_round_trip
            }
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
                an_answer_is_kept_unless_a_newer_one_is_there
                an_answer_meets_the_session_as_it_was_read
                answers_do_not_wait_for_one_another
                answers_read_back_as_they_were_given
                asked_addresses_are_kept_until_forgotten
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
                stored_results_come_with_what_was_said
                those_who_are_asked_already_are_found
                those_who_are_not_done_are_to_be_reminded
                those_without_a_letter_are_to_be_invited
                units_of_assessments_stay_in_scope
                what_belongs_together_is_saved_together
                what_was_said_can_be_forgotten
            }
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
            directory {
                account_filters_are_literal
                api_key_lists_hold_what_was_not_revoked
                foreign_cursors_are_refused
                invitation_lists_hold_what_waits
                pages_are_complete_and_stable
                members_among_the_asked
                memberships_and_lists_of_members
                rows_of_one_moment_are_paged_too
                single_reads_agree_with_units
                session_status_follows_session_and_account
            }
            housekeeping {
                only_what_is_over_is_forgotten
            }
            idempotency {
                a_commit_marks_the_key
                a_dead_request_leaves_its_key_to_the_next
                a_dropped_unit_marks_nothing
                a_key_belongs_to_one_request_of_one_caller
                a_released_key_is_free
                an_answer_is_given_again
                an_empty_commit_marks_the_key
                old_requests_are_forgotten
                one_of_many_runs
            }
            invitations {
                all_invitations_of_an_address_are_found
                invitation_round_trip
                one_pending_invitation_an_address_and_organization
                pending_invitations_are_found_by_address
            }
            isolation {
                another_account_sees_nothing
                another_tenant_sees_nothing
                data_keys_are_their_owners
                devices_are_their_owners
                every_scope_can_tell
                lists_of_a_unit_stay_in_scope
                reading_is_not_changing
                registrations_and_tokens_are_seen_by_identity_alone
                the_directory_stays_in_scope
            }
            memberships {
                lists_follow_the_units_own_saves
                membership_round_trip
                one_membership_a_person_and_organization
                only_active_memberships_are_listed
                two_owners_leaving_at_once_never_leave_none
            }
            organizations {
                organization_round_trip
                slugs_are_unique
            }
            outbox {
                a_lease_runs_out
                an_undone_unit_tells_nothing_later
                dead_deliveries_wait_for_a_person
                deliveries_come_oldest_first
                failed_deliveries_are_tried_again
                lag_is_that_of_the_oldest_due
                lists_are_complete_and_stable
                parallel_takers_never_share
                what_is_told_later_comes_at_its_time
            }
            registrations {
                purged_registrations_are_gone
                registration_round_trip
                the_newest_open_registration_is_found
            }
            rotation {
                a_save_cannot_undo_a_rotation
                a_suspended_account_cannot_rotate
                dead_sessions_do_not_rotate
                idle_time_ends_with_the_session
                old_and_future_tokens_do_not_rotate
                parallel_refreshes_leave_one_lineage
                the_current_token_moves_the_session_on
                the_token_before_has_a_grace
            }
            second_factors {
                a_removed_second_factor_is_gone
                one_second_factor_an_account
                second_factor_round_trip
            }
            sessions {
                devices_are_remembered
                live_sessions_are_oldest_first
                session_round_trip
            }
            signing_keys {
                a_first_key_is_added_once
                a_new_key_ends_the_one_before
                an_end_is_not_put_off
                keys_past_their_end_are_deleted
            }
            tasks {
                old_output_is_forgotten
                output_is_kept_in_parts
                task_round_trip
                tasks_are_listed_newest_first
                tasks_are_their_organizations
            }
            throttle {
                counters_are_kept_whole
                keys_are_counted_apart
                parallel_steps_all_count
            }
            tokens {
                a_dropped_token_invalidates_nothing
                a_newer_token_invalidates_older_ones
                a_token_serves_one_purpose
                a_token_works_once_in_parallel
                token_round_trip
            }
            unit {
                a_bare_record_is_committed
                a_late_commit_leaves_nothing
                a_unit_reads_what_it_saved
                changes_reach_the_outbox_once
                dropped_unit_leaves_nothing
                failed_unit_refuses_further_work
                lost_update_is_stale
                overlapping_duplicates_have_one_winner
                overlapping_saves_have_one_winner
                parallel_duplicates_leave_one
                save_without_a_record_fails
                second_insert_is_stale
                versions_count_saves
            }
        }
    };
    (@list $fresh:ident $($area:ident { $($rule:ident)+ })+) => {
        $(mod $area {
            $(#[::tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() {
                $crate::$area::$rule(&super::$fresh().await).await;
            })+
        })+
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_rule_is_in_the_suite() {
        let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        let read = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
        let suite = read(&folders[0].join("suite.rs"));
        let mut missing = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = read(&path);
                for line in text.lines().filter(|line| line.ends_with("(storage: &StorageUnderTest) {")) {
                    let rule = line.strip_prefix("pub async fn ").and_then(|rest| rest.split('(').next());
                    if let Some(rule) = rule
                        && !suite.lines().any(|line| line.trim() == rule)
                    {
                        missing.push(rule.to_owned());
                    }
                }
            }
        }
        assert!(missing.is_empty(), "not in the suite: {missing:?}");
    }
}
