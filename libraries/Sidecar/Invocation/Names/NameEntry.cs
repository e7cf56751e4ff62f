using System.Text.Json.Serialization;

namespace RealTimeMesh.Sidecar.Invocation.Names;

/// <summary>What the file of a sidecar says.</summary>
/// <param name="ProcessSpace">Which processes <paramref name="ProcessId"/> counts among; empty where that is not known.</param>
internal sealed record NameEntry(string AppId, string Namespace, string Address, int ProcessId, string ProcessSpace);

[JsonSerializable(typeof(NameEntry))]
internal sealed partial class NameJson : JsonSerializerContext;
