namespace RealTimeMesh.Contracts;

/// <summary>Names of the rules a row can break before any expectation is asked.</summary>
public static class RowRules
{
    /// <summary>A required field is absent or null.</summary>
    public const string Missing = "missing";

    /// <summary>A value is not of the field's type, or not within its range.</summary>
    public const string Type = "type";

    /// <summary>The text is not one JSON object.</summary>
    public const string Json = "json";

    /// <summary>The bytes are not UTF-8.</summary>
    public const string Encoding = "encoding";

    /// <summary>The row is larger than admitted.</summary>
    public const string Size = "size";

    /// <summary>The bytes are not Avro of their schema.</summary>
    public const string Avro = "avro";

    /// <summary>The bytes are not a Protobuf message.</summary>
    public const string Protobuf = "protobuf";

    /// <summary>The schema that an event names is not known, or its events cannot become rows of the contract.</summary>
    public const string Schema = "schema";

    /// <summary>The bytes do not show where the event begins or ends.</summary>
    public const string Framing = "framing";

    /// <summary>An attribute of a CloudEvent is missing, or none.</summary>
    public const string CloudEvent = "cloudevent";
}
