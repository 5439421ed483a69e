//! The list of the rules of notifications.

/// Makes a test of every rule of notifications; a part of [`suite!`](crate::suite).
#[doc(hidden)]
#[macro_export]
macro_rules! notification_suite {
    ($fresh:ident) => {
        $crate::rules! { $fresh
            notification {
                an_inbox_is_its_owners
                due_mail_is_taken_once
                forgotten_inboxes_are_gone
                lists_are_filtered_and_paged
                marks_are_kept
                numbers_come_in_the_order_of_commits
                old_notifications_are_forgotten
                one_of_many_is_put
                preferences_are_kept_until_forgotten
                tickets_are_used_once
                word_of_changes_comes
            }
        }
    };
}
