//! Tasks and what they write.

use async_trait::async_trait;
use kernel::{
    StoreError,
    task::{Task, TaskId, Tasks},
};

use super::MemoryUnit;
use crate::rows::OutputPart;

#[async_trait]
impl Tasks for MemoryUnit {
    async fn task(&mut self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.get(id.uuid())
    }

    async fn save_task(&mut self, task: &mut Task) -> Result<(), StoreError> {
        self.save(task)
    }

    async fn put_output(&mut self, task: &Task, part: u32, bytes: &[u8]) -> Result<(), StoreError> {
        let (organization, bytes) = (task.organization, bytes.to_vec());
        self.add(OutputPart { task: task.id, organization, part, bytes })
    }
}
