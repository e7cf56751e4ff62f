namespace RealTimeMesh.Pipelines.Tests;

public sealed class ProtobufSectionTests
{
    private const string Proto = """
        syntax = "proto3";
        package air.v1;
        import "common/place.proto";
        import "google/protobuf/timestamp.proto";
        message Departure { google.protobuf.Timestamp scheduled = 1; optional int32 delay = 2; int32 distance = 3; string origin = 4; Place place = 5; }
        message Arrival { string origin = 1; }
        """;

    private static PipelineLoadResult Load(string declared, string proto = Proto)
    {
        using var folder = new TempPipelines();
        folder.Write("air/contracts/departure.proto", proto);
        folder.Write("air/common/place.proto", "syntax = \"proto3\"; message Place { string name = 1; }");
        folder.Edit("    key: origin", $"    key: origin\n    protobuf: {declared}");
        return folder.Load();
    }

    [Theory]
    [InlineData("contracts/departure.proto#Departure")]
    [InlineData("contracts/departure.proto#air.v1.Departure")]
    public void A_stream_declares_the_message_that_its_bare_events_are_of(string declared)
    {
        var result = Load(declared);
        Assert.Empty(result.Faults);
        var protobuf = result.Pipelines[0].Streams[0].Protobuf!;
        Assert.Equal(("air.v1.Departure", "air.v1.Departure"), (protobuf.Message, protobuf.Reader.Message));
    }

    [Theory]
    [InlineData("contracts/other.proto", "which does not exist")]
    [InlineData("contracts/departure.proto", "a document of 2 messages")]
    [InlineData("contracts/departure.proto#Depart", "found message type 'Depart'; expected one of air.v1.Departure, air.v1.Arrival")]
    [InlineData("contracts/departure.proto#Arrival", "field 'scheduled': message 'air.v1.Arrival' does not have it")]
    [InlineData("[a]", "streams.departures.protobuf")]
    public void What_cannot_be_used_is_told_with_line_and_reason(string declared, string expected) =>
        Assert.Contains(Load(declared).Faults, fault => fault.Line == 6 && fault.ToString().Contains(expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("message {", "found")]
    [InlineData("import \"nowhere.proto\"; message M { string origin = 1; }", "import 'nowhere.proto': found no such file")]
    [InlineData("message M { repeated string origin = 1; }", "field 'origin': found repeated string")]
    public void A_document_that_is_wrong_is_told_with_the_reason(string proto, string expected) =>
        Assert.Contains(Load("contracts/departure.proto", "syntax = \"proto3\"; " + proto).Faults, fault => fault.ToString().Contains(expected, StringComparison.Ordinal));
}
