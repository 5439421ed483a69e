//! The list of the rules of webhooks.

/// Makes a test of every rule of webhooks; a part of [`suite!`](crate::suite).
#[doc(hidden)]
#[macro_export]
macro_rules! webhook_suite {
    ($fresh:ident) => {
        $crate::rules! { $fresh
            webhook {
                a_delivery_comes_back_whole
                a_lease_that_ended_settles_nothing
                a_queue_is_held_by_one
                a_recovery_begins_with_the_earliest_event
                a_recovery_goes_on_to_its_end
                a_replay_is_done_once
                an_emptied_queue_is_set_right
                an_event_is_put_once_an_endpoint
                deleted_endpoints_are_gone
                deliveries_are_paged_newest_first
                deliveries_are_their_organizations
                disabled_ones_do_not_listen
                endpoint_round_trip
                endpoints_are_listed_and_counted
                endpoints_are_their_organizations
                endpoints_come_in_order
                keys_are_sealed_anew_without_a_record
                none_is_left_behind
                none_is_left_behind_what_just_ends
                old_deliveries_are_forgotten
                one_of_a_thing_is_on_its_way
                queues_of_deleted_endpoints_are_forgotten
                queues_take_turns
                several_are_settled_at_once
                several_are_taken_at_once
                the_last_settlement_ends_the_hold
                the_next_of_a_thing_follows
                two_of_a_thing_never_set_out
                what_became_of_a_delivery_is_kept
                what_has_been_due_longest_is_taken_first
                what_is_dropped_waits_no_more
                what_nobody_settles_is_taken_again
            }
        }
    };
}
