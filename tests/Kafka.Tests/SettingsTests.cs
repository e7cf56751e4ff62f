using RealTimeMesh.Components;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Kafka.Tests;

/// <summary>What the settings of daprd's component mean here, and what is said where they are wrong.</summary>
public sealed class SettingsTests
{
    private const string Pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";

    private static readonly ComponentTypeRegistry Types = new([new KafkaPubSubType()]);

    [Theory]
    [InlineData("password", "saslUsername,saslPassword")]
    [InlineData("oidc", "oidcTokenEndpoint,oidcClientID,oidcClientSecret")]
    [InlineData("certificate", "caCert")]
    [InlineData("mtls", "clientCert")]
    public void Each_authType_names_what_it_lacks(string authType, string settings)
    {
        var error = Assert.Throws<ConfigurationException>(() => Read(("authType", authType)));
        Assert.Equal(settings.Split(','), error.Faults.Select(fault => fault.Element.Split(": ")[1]));
    }

    [Fact]
    public void Without_authType_the_component_does_not_start()
    {
        var fault = Assert.Single(Assert.Throws<ConfigurationException>(() => Read()).Faults);
        Assert.Equal("component 'pubsub': authType", fault.Element);
    }

    [Theory]
    [InlineData("authRequired", "false", "plaintext")]
    [InlineData("authRequired", "true", "sasl_ssl")]
    public void The_older_authRequired_still_holds(string name, string value, string protocol)
    {
        var options = Read((name, value), ("saslUsername", "u"), ("saslPassword", "p"));
        Assert.Equal(protocol, options.Client["security.protocol"]);
    }

    [Theory]
    [InlineData("SHA-256", "SCRAM-SHA-256")]
    [InlineData("SHA-512", "SCRAM-SHA-512")]
    [InlineData("PLAINTEXT", "PLAIN")]
    public void Password_is_a_SASL_mechanism_over_TLS_unless_disabled(string mechanism, string expected)
    {
        var options = Read(("authType", "password"), ("saslUsername", "u"), ("saslPassword", "p"), ("saslMechanism", mechanism));
        Assert.Equal((expected, "sasl_ssl", "u", "p"), (options.Client["sasl.mechanism"], options.Client["security.protocol"], options.Client["sasl.username"], options.Client["sasl.password"]));
        Assert.Equal("sasl_plaintext", Read(("authType", "password"), ("saslUsername", "u"), ("saslPassword", "p"), ("disableTls", "true")).Client["security.protocol"]);
    }

    [Fact]
    public void Mtls_needs_both_halves_and_TLS()
    {
        var options = Read(("authType", "mtls"), ("clientCert", Pem), ("clientKey", Pem), ("caCert", Pem), ("skipVerify", "true"));
        Assert.Equal((Pem, Pem, Pem, "false"), (options.Client["ssl.certificate.pem"], options.Client["ssl.key.pem"], options.Client["ssl.ca.pem"], options.Client["enable.ssl.certificate.verification"]));
        Assert.Equal("component 'pubsub': clientKey", Assert.Single(Assert.Throws<ConfigurationException>(() => Read(("authType", "mtls"), ("clientCert", Pem))).Faults).Element);
        Assert.Contains("disableTls", Assert.Throws<ConfigurationException>(() => Read(("authType", "mtls"), ("clientCert", Pem), ("clientKey", Pem), ("disableTls", "true"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Oidc_takes_scopes_and_extensions()
    {
        var options = Read(("authType", "oidc"), ("oidcTokenEndpoint", "https://id/token"), ("oidcClientID", "c"), ("oidcClientSecret", "s"), ("oidcScopes", "openid,kafka"), ("oidcExtensions", """{"cluster":"a","pool":"b"}"""));
        Assert.Equal(
            ("OAUTHBEARER", "oidc", "openid kafka", "cluster=a,pool=b"),
            (options.Client["sasl.mechanism"], options.Client["sasl.oauthbearer.method"], options.Client["sasl.oauthbearer.scope"], options.Client["sasl.oauthbearer.extensions"]));
        Assert.Contains("oidcExtensions", Assert.Throws<ConfigurationException>(() => Read(("authType", "oidc"), ("oidcTokenEndpoint", "https://id/token"), ("oidcClientID", "c"), ("oidcClientSecret", "s"), ("oidcExtensions", "x"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("initialOffset", "first")]
    [InlineData("compression", "zip")]
    [InlineData("caCert", "/etc/ca.pem")]
    [InlineData("version", "two")]
    [InlineData("consumeRetryInterval", "often")]
    [InlineData("maxMessageBytes", "-1")]
    [InlineData("excludeHeaderMetaRegex", "(")]
    [InlineData("authType", "kerberos")]
    [InlineData("producerRequiredAcks", "some")]
    [InlineData("schemaRegistryURL", "registry:8081")]
    [InlineData("unheardOf", "1")]
    public void A_wrong_setting_is_a_fault_at_its_line(string name, string value)
    {
        var fault = Assert.Single(Types.Validate([Brokers.Spec(("brokers", "b:9092"), ("authType", "none"), (name, value))]), fault => fault.Element.EndsWith(name, StringComparison.Ordinal));
        Assert.True(fault.Line >= 11, fault.ToString());
    }

    [Fact]
    public void Brokers_are_required() =>
        Assert.Contains("brokers", Assert.Single(Types.Validate([Brokers.Spec(("authType", "none"))])).Element, StringComparison.Ordinal);

    [Fact]
    public void Defaults_keep_what_was_acknowledged_and_the_order_of_keys()
    {
        var options = Read(("authType", "none"));
        Assert.Equal(
            ("true", "all", "lz4", "5", "65536", "murmur2_random"),
            (options.Producer["enable.idempotence"], options.Producer["acks"], options.Producer["compression.type"], options.Producer["linger.ms"], options.Producer["batch.size"], options.Producer["partitioner"]));
        Assert.Equal(("cooperative-sticky", "false"), (options.Consumer["partition.assignment.strategy"], options.Consumer["enable.auto.offset.store"]));
        Assert.False(options.FromOldest);
        Assert.True(options.RetryEnabled);
    }

    [Fact]
    public void Weaker_acknowledgement_gives_up_idempotence()
    {
        Assert.Equal(("1", "false"), (Read(("authType", "none"), ("producerRequiredAcks", "local")).Producer["acks"], Read(("authType", "none"), ("producerRequiredAcks", "local")).Producer["enable.idempotence"]));
        Assert.Equal("0", Read(("authType", "none"), ("producerRequiredAcks", "none")).Producer["acks"]);
    }

    [Fact]
    public void Every_setting_of_librdkafka_can_be_reached_and_a_wrong_one_is_told_with_its_line()
    {
        using var cluster = new MockCluster();
        var options = Read(("authType", "none"), ("librdkafka.linger.ms", "0"), ("librdkafka.fetch.wait.max.ms", "7"));
        Assert.Equal(("0", "7"), (options.Producer["linger.ms"], options.Consumer["fetch.wait.max.ms"]));
        foreach (var (name, value) in ((string, string)[])[("librdkafka.no.such", "1"), ("librdkafka.linger.ms", "soon")])
        {
            var error = Assert.Throws<ConfigurationException>(() => Brokers.StartAsync(cluster, null, (name, value)).GetAwaiter().GetResult());
            Assert.True(Assert.Single(error.Faults).Element.EndsWith(name, StringComparison.Ordinal), error.Message);
            Assert.True(error.Faults[0].Line > 10);
        }
    }

    [Fact]
    public async Task Brokers_that_do_not_answer_are_told_at_the_start()
    {
        using var cluster = new MockCluster();
        cluster.SetDown(1);
        var error = await Assert.ThrowsAsync<BrokerException>(() => Brokers.StartAsync(cluster, null, ("metadataTimeout", "500ms")));
        Assert.Contains(cluster.Bootstraps, error.Message, StringComparison.Ordinal);
    }

    private static KafkaOptions Read(params (string Name, string Value)[] settings) => KafkaOptionsReader.Read(Brokers.Spec([("brokers", "b:9092"), .. settings]));
}
