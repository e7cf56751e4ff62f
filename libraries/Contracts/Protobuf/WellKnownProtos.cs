using Google.Protobuf.Reflection;

namespace RealTimeMesh.Contracts;

/// <summary>Documents that every Protobuf document may import without naming them: Google's own, and what Confluent adds.</summary>
internal static class WellKnownProtos
{
    private const string Meta = """
        syntax = "proto3";
        package confluent;
        import "google/protobuf/descriptor.proto";
        message Meta { string doc = 1; map<string, string> params = 2; repeated string tags = 3; }
        extend google.protobuf.FileOptions { Meta file_meta = 1088; }
        extend google.protobuf.MessageOptions { Meta message_meta = 1088; }
        extend google.protobuf.FieldOptions { Meta field_meta = 1088; }
        extend google.protobuf.EnumOptions { Meta enum_meta = 1088; }
        extend google.protobuf.EnumValueOptions { Meta enum_value_meta = 1088; }
        """;

    private const string Decimal = """
        syntax = "proto3";
        package confluent.type;
        message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }
        """;

    private static readonly Lazy<Dictionary<string, ProtoFile>> Found = new(Collect);

    /// <summary>By import path.</summary>
    public static IReadOnlyDictionary<string, ProtoFile> All => Found.Value;

    private static Dictionary<string, ProtoFile> Collect()
    {
        FileDescriptor[] google =
        [
            Google.Protobuf.WellKnownTypes.AnyReflection.Descriptor,
            Google.Protobuf.WellKnownTypes.ApiReflection.Descriptor,
            Google.Protobuf.WellKnownTypes.DurationReflection.Descriptor,
            Google.Protobuf.WellKnownTypes.EmptyReflection.Descriptor,
            Google.Protobuf.WellKnownTypes.FieldMaskReflection.Descriptor,
            Google.Protobuf.WellKnownTypes.SourceContextReflection.Descriptor,
            Google.Protobuf.WellKnownTypes.StructReflection.Descriptor,
            Google.Protobuf.WellKnownTypes.TimestampReflection.Descriptor,
            Google.Protobuf.WellKnownTypes.TypeReflection.Descriptor,
            Google.Protobuf.WellKnownTypes.WrappersReflection.Descriptor,
            FileDescriptorProto.Descriptor.File,
            Google.Type.CalendarPeriodReflection.Descriptor,
            Google.Type.ColorReflection.Descriptor,
            Google.Type.DateReflection.Descriptor,
            Google.Type.DatetimeReflection.Descriptor,
            Google.Type.DayofweekReflection.Descriptor,
            Google.Type.DecimalReflection.Descriptor,
            Google.Type.ExprReflection.Descriptor,
            Google.Type.FractionReflection.Descriptor,
            Google.Type.IntervalReflection.Descriptor,
            Google.Type.LatlngReflection.Descriptor,
            Google.Type.MoneyReflection.Descriptor,
            Google.Type.MonthReflection.Descriptor,
            Google.Type.PhoneNumberReflection.Descriptor,
            Google.Type.PostalAddressReflection.Descriptor,
            Google.Type.QuaternionReflection.Descriptor,
            Google.Type.TimeofdayReflection.Descriptor,
        ];
        var all = google.ToDictionary(file => file.Name, file => ProtoDescriptorReader.Read(FileDescriptorProto.Parser.ParseFrom(file.SerializedData)), StringComparer.Ordinal);
        all["confluent/meta.proto"] = ProtoParser.Parse(Meta);
        all["confluent/type/decimal.proto"] = ProtoParser.Parse(Decimal);
        return all;
    }
}
