using RealTimeMesh.Contracts;

namespace RealTimeMesh.Components;

/// <summary>A field of a resource document holds another kind of value than it must; the text is that of Go's JSON decoder.</summary>
public sealed class ResourceFormatException(ResourceNode node, string path, string type)
    : RealTimeMeshException($"cannot unmarshal {ResourceFile.Describe(node)} into Go struct field {path} of type {type} (line {node.Line})")
{
    /// <summary>1-based line of the value.</summary>
    public int Line { get; } = node.Line;
}
