using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming;

/// <summary>One input of a step that takes rows in the order of their times.</summary>
/// <param name="Schema">Its rows.</param>
/// <param name="By">Its key fields; none for one group.</param>
/// <param name="HasPlaces">Its rows come from a topic with nothing but selections between: their places are the same after a restart.</param>
internal sealed record OrderedInput(RowSchema Schema, IReadOnlyList<string> By, bool HasPlaces = true);
