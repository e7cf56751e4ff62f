namespace RealTimeMesh.ChangeCapture;

/// <summary>How a column's text is meant.</summary>
public enum ChangeKind
{
    /// <summary>Text as it is; also what has no kind of its own: enums, intervals, times of day, ranges, arrays in the database's notation.</summary>
    Text,

    /// <summary><c>t</c> or <c>f</c>.</summary>
    Boolean,

    /// <summary>16-bit integer.</summary>
    Int16,

    /// <summary>32-bit integer.</summary>
    Int32,

    /// <summary>64-bit integer.</summary>
    Int64,

    /// <summary>Single precision; perhaps <c>NaN</c> or <c>Infinity</c>.</summary>
    Float32,

    /// <summary>Double precision; perhaps <c>NaN</c> or <c>Infinity</c>.</summary>
    Float64,

    /// <summary>Decimal digits; perhaps <c>NaN</c> or <c>Infinity</c>.</summary>
    Decimal,

    /// <summary><c>yyyy-MM-dd</c>; perhaps <c>infinity</c> or a year before Christ.</summary>
    Date,

    /// <summary>A date and time of day without zone, taken as UTC.</summary>
    LocalTimestamp,

    /// <summary>A date, a time of day and an offset.</summary>
    Timestamp,

    /// <summary><c>\x</c> and hexadecimal digits.</summary>
    Bytes,

    /// <summary>A UUID of 36 characters.</summary>
    Uuid,

    /// <summary>A JSON document.</summary>
    Json,
}
