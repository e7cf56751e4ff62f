namespace RealTimeMesh.Cel;

/// <summary>What evaluation says goes wrong, in cel-go's words.</summary>
internal static class CelErrors
{
    public static CelValue NoOverload => CelValue.Error("no such overload");

    public static CelValue IntOverflow => CelValue.Error("integer overflow");

    public static CelValue UintOverflow => CelValue.Error("unsigned integer overflow");

    public static CelValue DurationOverflow => CelValue.Error("duration overflow");

    public static CelValue TimestampOverflow => CelValue.Error("timestamp overflow");

    public static CelValue NoAttribute(string name) => CelValue.Error("no such attribute(s): " + name);

    public static CelValue NoKey(string key) => CelValue.Error("no such key: " + key);

    public static CelValue OutOfBounds(string index) => CelValue.Error("index out of bounds: " + index);

    public static CelValue NoConversion(in CelValue from, string to) => CelValue.Error($"type conversion error from '{CelTypes.NameOf(from.Kind)}' to '{to}'");
}
