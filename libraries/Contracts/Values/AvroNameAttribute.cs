namespace RealTimeMesh.Contracts.Values;

/// <summary>The name of a type or property in Avro, where it is not the one it has in .NET.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
public sealed class AvroNameAttribute(string name) : Attribute
{
    /// <summary>A property's field, or a type's full name.</summary>
    public string Name { get; } = name;
}
