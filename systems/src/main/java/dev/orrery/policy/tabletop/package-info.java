/// What every policy that learns on the tabletop needs around its network.
///
/// - [FrameSource]: where training frames come from, the simulator's memory or a LeRobot folder
///   ([FolderFrames]), as windows of actions under their statistics ([RobotFrames]);
/// - [SceneLabels]: what the pictures of a batch show, and where;
/// - [Grounding]: losses that stand in for a vision-language model's pretraining, and [WayPoints];
/// - [Lexicon], [LessonSheet], [QuestionBatches]: words, and questions or actions as lessons for a
///   vision-language model; [PictureSheet]: both cameras' pictures of a batch;
/// - [ShiftedTable]: the same table under other names and a mirrored hand, to adapt to;
/// - [PolicyFilm]: a policy at work, as a GIF.
@org.jspecify.annotations.NullMarked
package dev.orrery.policy.tabletop;
