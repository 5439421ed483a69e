//! The list of the rules of the kernel's ports and of identity. Every other domain has a list in its folder.

/// Makes a test of every rule of identity and of the kernel's ports; a part of [`suite!`](crate::suite).
#[doc(hidden)]
#[macro_export]
macro_rules! identity_suite {
    ($fresh:ident) => {
        $crate::rules! { $fresh
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
                live_keys_are_counted
            }
            claims {
                a_courtesy_is_taken_or_left_out
                a_meeting_moves_over_its_own_time
                a_meeting_takes_all_or_nothing
                buffers_add_up
                claims_are_within_scope_and_of_sound_length
                holds_lapse_and_what_is_over_is_forgotten
                one_of_many_gets_a_time
                overlapping_time_is_refused_and_named
                swapping_meetings_keep_apart
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
                open_invitations_are_counted
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
                holders_of_roles_are_active_members
                holders_of_roles_are_paged
                leave_is_held_until_the_commit
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
            letters {
                letters_are_kept_by_what_they_are_about
            }
            limits {
                limits_are_kept_by_organization
                unsubscriptions_are_kept_until_forgotten
            }
            notices {
                nobody_is_told_of_what_they_did
                notices_go_with_their_change
            }
            outbox {
                a_lane_is_given_what_those_above_it_leave
                a_lease_runs_out
                an_undone_unit_tells_nothing_later
                dead_deliveries_wait_for_a_person
                deliveries_come_oldest_first
                deliveries_that_are_put_off_count_no_attempt
                failed_deliveries_are_tried_again
                lag_is_that_of_the_oldest_due
                lists_are_complete_and_stable
                organizations_take_turns_within_a_lane
                upper_lanes_come_first
                what_comes_back_keeps_its_lane
                what_nobody_waits_for_is_forgotten
                parallel_takers_never_share
                what_is_saved_is_told_with_its_version
                what_is_told_later_comes_at_its_time
                whoever_comes_late_joins_the_round
            }
            pending_invitations {
                addresses_are_kept_until_forgotten
            }
            personal_keys {
                a_key_is_one_accounts_until_it_is_destroyed
                a_key_wrapped_anew_opens_what_it_sealed
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
                a_lifted_counter_begins_anew
                counters_are_kept_whole
                keys_are_counted_apart
                parallel_steps_all_count
                what_is_locked_is_listed
            }
            tokens {
                a_delivered_token_replaces_earlier_ones
                a_use_does_not_lose_to_a_newer_letter
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
                scopes_without_a_record_take_none
                second_insert_is_stale
                turns_are_taken_one_after_the_other
                versions_count_saves
            }
        }
    };
}

/// Makes a test of each rule of these modules.
#[doc(hidden)]
#[macro_export]
macro_rules! rules {
    ($fresh:ident $($area:ident { $($rule:ident)+ })+) => {
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
    use std::{fs, path::Path};

    /// The files of the crate: the folder each lies in, its name, and its text.
    fn files() -> Vec<(String, String, String)> {
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
                    files.push((name(&folder), name(&path), fs::read_to_string(&path).unwrap()));
                }
            }
        }
        files
    }

    #[test]
    fn every_rule_is_in_the_suite() {
        let files = files();
        let suites = || files.iter().filter(|(_, name, _)| name == "suite.rs");
        let listed: Vec<&str> = suites().flat_map(|(_, _, text)| text.lines()).map(str::trim).collect();
        let lines = files.iter().flat_map(|(_, _, text)| text.lines());
        let rules = lines.filter_map(|line| {
            line.strip_suffix("(storage: &StorageUnderTest) {")?.strip_prefix("pub async fn ")
        });
        let missing: Vec<&str> = rules.filter(|rule| !listed.contains(rule)).collect();
        assert!(missing.is_empty(), "not in the suite: {missing:?}");
        for (folder, _, _) in suites().filter(|(folder, _, _)| folder != "src") {
            let part = format!("$crate::{folder}_suite!($fresh);");
            assert!(include_str!("lib.rs").contains(&part), "lib.rs lacks {part}");
        }
    }

    #[test]
    fn every_aggregate_is_held_to_the_rules_of_all() {
        for (folder, name, text) in files().iter().filter(|(_, name, _)| name == "aggregate.rs") {
            let count = |what: &str| text.lines().filter(|line| line.trim_start().starts_with(what)).count();
            let told = count("aggregate!(") + count("impl Aggregate for ");
            assert_eq!(count("$check(&$world, "), told, "{folder}/{name} gives a sample of each aggregate");
        }
        let parts = files().iter().filter(|(_, name, _)| name == "aggregate.rs").count();
        assert_eq!(include_str!("lib.rs").matches("each_aggregate!($world, people, $check);").count(), parts);
    }
}
